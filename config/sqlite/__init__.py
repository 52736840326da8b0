"""Django's SQLite backend with Unicode-aware text functions on every connection (DESIGN.md section 4)."""
