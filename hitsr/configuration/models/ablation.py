"""Section `ablations`: options over a base method."""

from typing import Annotated

from pydantic import Field

from hitsr.schema.sections import Section, optional
from hitsr.schema.types import Mapping, Options, Text, VariantName


class Variant(Section):
    """What one option of an axis changes against the base method."""

    label: Text | None = optional("What tables and figures call it; its name if left out.")
    options: Annotated[Options, Field(min_length=1)] | None = optional(
        "Options of the network that differ from the base method's."
    )


class Axis(Section):
    """What an ablation changes against its entry in hitsr/catalogs/ablations.yaml, or a new axis."""

    title: Text | None = optional("Heading of the axis' table and figure.")
    base: Text | None = optional("Method of the run that every variant changes.")
    base_label: Text | None = optional("What the base method itself is on this axis.")
    variants: Annotated[dict[VariantName, Variant], Field(min_length=1), Mapping] | None = optional(
        "Variants to study instead of the catalogue's, each a name of the axis, or a new one with its options."
    )
