"""A run's configuration: validated against the schema, with its defaults, its methods resolved.

The schema (`hitsr/catalogs/schemas/config.schema.yaml`) is the manual of the keys. Nothing here imports torch.
"""

from hitsr.configuration.questions import (
    attributed,
    costed,
    grown,
    measured_kinds,
    starts_from_x2,
    train_of,
    trained,
    used_sets,
)
from hitsr.configuration.reading import resolve
from hitsr.configuration.schemas import defaults, read_checked, read_yaml

__all__ = [
    "attributed",
    "costed",
    "defaults",
    "grown",
    "measured_kinds",
    "read_checked",
    "read_yaml",
    "resolve",
    "starts_from_x2",
    "train_of",
    "trained",
    "used_sets",
]
