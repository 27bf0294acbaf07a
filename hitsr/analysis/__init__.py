"""Deciding: statistics, evidence, claims, published figures. Nothing here draws."""
