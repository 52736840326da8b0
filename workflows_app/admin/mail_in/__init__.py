"""Mail that came in: the list, a page per message, and what a person says of it."""
