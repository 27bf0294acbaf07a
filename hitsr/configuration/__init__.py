"""A run's configuration: validated, with its defaults, its methods resolved.

The keys are declared in `hitsr.configuration.models`. Nothing here imports torch.
"""

from hitsr.configuration.questions import (
    attributed,
    costed,
    measured_kinds,
    resolutions,
    scored_scales,
    starts_from_x2,
    timed_at_sizes,
    train_of,
    trained,
    training_sets,
    used_sets,
)
from hitsr.configuration.resolving import defaults, resolve, stated
from hitsr.configuration.workflow import of_workflow
from hitsr.schema.checking import read_checked
from hitsr.schema.files import parse_yaml, read_yaml

__all__ = [
    "attributed",
    "costed",
    "defaults",
    "measured_kinds",
    "of_workflow",
    "parse_yaml",
    "read_checked",
    "read_yaml",
    "resolutions",
    "resolve",
    "scored_scales",
    "starts_from_x2",
    "stated",
    "timed_at_sizes",
    "train_of",
    "trained",
    "training_sets",
    "used_sets",
]
