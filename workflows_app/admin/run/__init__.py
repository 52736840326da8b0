"""The page of one run: its story, where its effects stand, and what a person may do about it."""
