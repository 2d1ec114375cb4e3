"""Reads: rows or small dataclasses out, nothing changed; a file a domain."""
