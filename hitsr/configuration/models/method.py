"""Section `methods`: the rows of every table."""

from typing import Annotated

from hitsr.configuration.models.train import Train
from hitsr.schema.sections import Section, key, optional
from hitsr.schema.types import Colour, Mapping, Marker, Options, PathText, ScaleKey, Text

Weights = Annotated[dict[ScaleKey, PathText], Mapping]


class Method(Section):
    """What a method changes against its entry in the catalogue, which `hitsr methods` lists."""

    extends: Text | None = optional("Name in hitsr/catalogs/methods.yaml that a new method starts from.")
    options: Options = key({}, "Options of the network, such as `dim` or `window_ratios`; see `hitsr options NETWORK`.")
    recipe: Text | None = optional(
        "Name in hitsr/catalogs/recipes.yaml; its keys of `train` replace the run's, and are replaced by those below."
    )
    train: Train | None = optional("Keys of `train` that this method trains with instead.")
    weights: Weights = key(
        {}, "Weights to measure instead of training, one file per scale (ours or the official repository's)."
    )
    colour: Colour | None = optional("Colour in every figure, as `#RRGGBB`.")
    marker: Marker | None = optional("Marker in every figure, one character of Matplotlib's.")
