"""A run's configuration: validated against the schema, with its defaults, its methods resolved.

The schema (`workflow/schemas/config.schema.yaml`) is the manual of the keys. Nothing here imports torch.
"""

from hitsr.configuration.questions import attributed, grown, measured_kinds, trained
from hitsr.configuration.reading import resolve
from hitsr.configuration.schemas import defaults, read_checked, read_yaml

__all__ = ["attributed", "defaults", "grown", "measured_kinds", "read_checked", "read_yaml", "resolve", "trained"]
