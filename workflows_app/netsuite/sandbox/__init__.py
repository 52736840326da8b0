"""A NetSuite to try things on: a real HTTP server on loopback with a file behind it.

It speaks the documented protocol of SuiteTalk REST and SuiteQL, refuses what NetSuite refuses, and breaks on request
(`faults`). Nothing in here knows Django or the product's own tables.
"""
