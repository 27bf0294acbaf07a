"""Measuring: one module per verb that measures."""
