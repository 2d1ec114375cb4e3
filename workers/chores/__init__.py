"""One file a chore, each run on its own schedule by the worker."""
