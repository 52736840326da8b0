"""Tokens and secrets of the machines outside that we know: made once, shown once, checked here."""
