"""The demo: all five workflows from trigger to verify, on demo data, in a database of its own."""
