"""The proposals list, the card, and the POSTs that decide and edit."""
