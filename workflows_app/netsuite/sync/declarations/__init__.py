"""One file per mirrored table (two small ones share theirs): the query, and whose each column is."""
