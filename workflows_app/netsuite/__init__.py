"""The way to and from NetSuite, and what is derived from its facts."""
