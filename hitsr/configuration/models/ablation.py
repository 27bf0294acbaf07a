"""Section `ablations`: one thing changed at a time over a base method."""

from typing import Annotated

from pydantic import Field

from hitsr.configuration.models.train import Train
from hitsr.schema.sections import Section, optional, required
from hitsr.schema.types import AxisName, Mapping, Options, Text, VariantName

CHANGES = ("options", "recipe", "train", "training_set")
"""Keys with which a variant differs from its base method: at least one of them."""


class Variant(Section):
    """What one variant of an axis changes against the base method: its network, or how or on what it is trained."""

    label: Text | None = optional("What tables and figures call it; its name if left out.")
    options: Options | None = optional("Options of the network that differ from the base method's.")
    recipe: Text | None = optional(
        "Name in hitsr/catalogs/recipes.yaml: its keys of `train` replace the base method's."
    )
    train: Train | None = optional("Keys of `train` that differ from the base method's, such as `loss`.")
    training_set: Text | None = optional("Data set that it is trained on instead.")
    stands_for: Text | None = optional(
        "Variant of the catalogue's axis that this one is of a reduced base, where it has another name: claims about "
        "that one show this one, and say so."
    )


class Axis(Section):
    """What an ablation changes against its entry in hitsr/catalogs/ablations.yaml, or a new axis.

    An axis is a base method and variants of it, each of which changes one thing. A variant takes everything else from
    the run's entry of the base, reduced size and training keys included. It is called `HiT-SIR+windows=fixed8` in
    files, is trained, scored, counted and timed like any method (at the run's first scale, in the last of
    `latency.implementations`), and is shown by the axis' own table and figure, `ablation-windows`, alone.

        ablations:
          windows: {}                                   # all its variants
          heads: {variants: {spatial1-channel1: {}}}    # one of them
          features:                                     # the same question, other options
            variants: {linear: {}, hourglass: {label: hourglass 1/3, options: {reduction: 3}}}
          width: {title: Width, base: HiT-SIR, variants: {narrow: {options: {dim: 48}}}}    # new axes
          loss: {title: Loss, base: HiT-SIR, variants: {squared: {train: {loss: mse}}}}
          recipe: {title: Recipe, base: HiT-SIR, variants: {SwinIR: {recipe: SwinIR-Light}}}
          data: {title: Training data, base: HiT-SIR, variants: {DF2K: {training_set: DF2K}}}
    """

    title: Text | None = optional("Heading of the axis' table and figure.")
    base: Text | None = optional("Method of the run that every variant changes.")
    base_label: Text | None = optional("What the base method itself is on this axis.")
    variants: Annotated[dict[VariantName, Variant], Field(min_length=1), Mapping] | None = optional(
        "Variants to study instead of the catalogue's, each a name of the axis, or a new one with what it changes."
    )


class CatalogueAxis(Axis):
    """An axis of the catalogue, complete, as under [ablations](#ablations)."""

    title: Text = required("Heading of the axis' table and figure.")
    base: Text = required("Method that every variant changes.")
    variants: Annotated[dict[VariantName, Variant], Field(min_length=1), Mapping] = required(
        "What is compared with the base."
    )


Axes = Annotated[dict[AxisName, CatalogueAxis], Mapping]
