"""What attention and correlation cost against the size of the window."""
