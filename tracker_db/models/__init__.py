"""The tables, a file a domain."""
