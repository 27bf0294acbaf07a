"""How much of its input a network uses."""
