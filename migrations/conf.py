"""What `pw_migrate` reads; it executes this text, so everything lives in the package."""

from tracker_db.schema.pw_migrate import IGNORE, locked_database  # noqa: F401 - read by name

DATABASE = locked_database()
