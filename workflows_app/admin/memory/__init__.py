"""The memory of the office: what earlier runs were about and how they ended, to be searched."""
