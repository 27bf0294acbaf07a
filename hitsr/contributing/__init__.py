"""For those who add a baseline: a folder to start from, and a check of all that the suite will do with it."""
