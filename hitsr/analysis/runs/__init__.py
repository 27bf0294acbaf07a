"""Several runs side by side: what they have in common whatever it is called, and how they differ."""
