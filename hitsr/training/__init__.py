"""Training a network: Adam, L1, exactly resumable, in one process or in several that share each batch."""
