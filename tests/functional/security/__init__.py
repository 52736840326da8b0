"""The console in a real browser, with hostile text in it."""
