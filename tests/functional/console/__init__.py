"""The whole console in a real browser: every page, light, dark and on a phone."""
