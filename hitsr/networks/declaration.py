"""What a method says about itself: the keys of `method.yaml`, and of an entry of hitsr/catalogs/methods.yaml."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from hitsr.schema.faults import Fault
from hitsr.schema.sections import Section, key, required
from hitsr.schema.types import (
    Colour,
    Count,
    Distinct,
    Mapping,
    Marker,
    MethodName,
    Options,
    Positive,
    Said,
    Scale,
    ScaleKey,
    Text,
)

Interpolation = Literal["nearest", "bilinear", "bicubic", "lanczos"]
SCALES = ("2", "3", "4")


def _for_all(value: object) -> object:
    return value if isinstance(value, dict) else dict.fromkeys(SCALES, value)


ByScale = Annotated[dict[ScaleKey, Count], Mapping, Said("integer by scale")]
ForAll = Annotated[
    dict[ScaleKey, Count], Mapping, BeforeValidator(_for_all), Said("integer for all scales, or integer by scale")
]


class Declared(Section):
    """What an external program, or the maker of ready images, costs by the word of its authors.

    Tables show such figures with a mark and their source. They are never ranked, compared, or used in a claim, because
    this suite has not measured them.
    """

    source: Text = required("Where the figures are from, such as `Table 2 of the paper`.")
    parameters: ForAll = key({}, "Parameters of the network.")
    macs: ByScale = key({}, "Multiply-adds for one image of the size `output`.")
    output: Annotated[list[Count], Field(min_length=2, max_length=2)] = key(
        [1280, 720],
        "Width and height of the output that `macs` are for; they are shown where `complexity.output` is the same.",
    )

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if not self.parameters and not self.macs:
            raise Fault("nothing is declared; give `parameters` or `macs`")
        return self


class Declaration(Section):
    """What a method is, in its `method.yaml`: a network, an external program, or an interpolation."""

    name: MethodName | None = key(None, "Name in tables; default: that of the folder.")
    network: Annotated[str, Field(pattern=r"^.+\.py:[A-Za-z_]\w*$")] | None = key(
        None, "FILE.py:Class in this folder, called as Class(scale, **options)."
    )
    rules: Text | None = key(None, "Snakemake file of an external program, in this folder.")
    interpolation: Interpolation | None = key(None, "Interpolation that the method is, in place of a network.")
    options: Options = key({}, "Options of the network that differ from its class' defaults.")
    declared: Declared | None = key(None, "What an external program costs by the word of its authors.")
    baseline: Text | None = key(None, "Method that this one converts or competes with.")
    cite: Text | None = key(None, "Key of the paper in hitsr/catalogs/published/references.bib.")
    colour: Colour | None = key(None, "Colour in every figure, as #RRGGBB; one that is free if left out.")
    marker: Marker = key("o", "Marker in every figure, one character of Matplotlib's.")
    scales: Annotated[list[Scale], Field(min_length=1), Distinct] = key([2, 3, 4], "Scales that the method has.")
    image_range: Positive = key(1.0, "White in the network's input and output; an attribute of its class wins.")
    checkpoint: Text | None = key(None, "File in this folder with the layout of official checkpoints.")
    recipe: Text | None = key(None, "Recipe that the authors trained it with.")
    note: Text = key("", "Shown wherever the method is shown.")
