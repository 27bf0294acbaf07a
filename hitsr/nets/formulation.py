"""The two formulations of every mixer: one set of weights, equal outputs up to rounding."""

from typing import Literal

Formulation = Literal["plain", "fast"]
FORMULATIONS = ("plain", "fast")
"""`plain` as published (what complexity tables count, and the reference in tests); `fast` by equal algebra."""
