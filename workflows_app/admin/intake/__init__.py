"""The intake: forms that people hand in without deciding anything, and how their own submissions stand."""
