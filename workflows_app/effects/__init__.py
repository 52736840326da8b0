"""Effects as data: what they are, how they differ, how they are applied. Nothing else changes a table."""
