"""The local copy of NetSuite, and what is derived from it.

`TABLES` of `workflows_app.models.catalog` lists what contracts may read and effects may write. Column names are the
seeds'. Written only by `effects/` and by the four named writers of DESIGN.md section 2.
"""
