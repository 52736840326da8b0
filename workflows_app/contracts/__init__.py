"""Contracts as data: schema, strict loading, the expression language, SQL. Pure Python, no Django."""
