"""Read-only access to the database for contracts: queries, current rows, and the scope expressions see."""
