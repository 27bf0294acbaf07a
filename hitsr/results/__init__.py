"""Results: where their files lie, what made them, and the long table of all numbers."""
