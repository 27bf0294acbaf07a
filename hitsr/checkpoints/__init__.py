"""Checkpoints: our own files, those of official repositories in any wrapping, and what a file seems to be."""
