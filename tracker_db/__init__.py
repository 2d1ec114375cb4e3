"""Track what things cost - product prices, LLM calls - in one PostgreSQL."""

from tracker_db.version import __version__

__all__ = ["__version__"]
