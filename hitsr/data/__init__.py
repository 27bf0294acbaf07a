"""From photographs to training patches and test pairs."""
