"""One file a channel, all of the same shape."""
