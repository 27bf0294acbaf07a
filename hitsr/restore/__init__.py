"""Super-resolving images with trained networks."""
