"""Latency and peak memory of networks."""
