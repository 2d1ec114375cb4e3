"""Writes: one function is one transaction; a file a domain."""
