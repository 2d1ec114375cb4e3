"""The schema commands, each callable from Python."""
