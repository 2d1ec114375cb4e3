"""URL to page: the guarded client, robots.txt, the budget of each host."""
