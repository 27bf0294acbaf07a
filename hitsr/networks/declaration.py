"""What a method says about itself: the keys of `method.yaml`, and of an entry of hitsr/catalogs/methods.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from hitsr.schema.sections import Section, key
from hitsr.schema.types import Colour, Distinct, Marker, MethodName, Options, Positive, Scale, Text

Interpolation = Literal["nearest", "bilinear", "bicubic", "lanczos"]


class Declaration(Section):
    """What a method is, in its `method.yaml`: a network, an external program, or an interpolation."""

    name: MethodName | None = key(None, "Name in tables; default: that of the folder.")
    network: Annotated[str, Field(pattern=r"^.+\.py:[A-Za-z_]\w*$")] | None = key(
        None, "FILE.py:Class in this folder, called as Class(scale, **options)."
    )
    rules: Text | None = key(None, "Snakemake file of an external program, in this folder.")
    interpolation: Interpolation | None = key(None, "Interpolation that the method is, in place of a network.")
    options: Options = key({}, "Options of the network that differ from its class' defaults.")
    baseline: Text | None = key(None, "Method that this one converts or competes with.")
    cite: Text | None = key(None, "Key of the paper in hitsr/catalogs/published/references.bib.")
    colour: Colour | None = key(None, "Colour in every figure, as #RRGGBB; one that is free if left out.")
    marker: Marker = key("o", "Marker in every figure, one character of Matplotlib's.")
    scales: Annotated[list[Scale], Field(min_length=1), Distinct] = key([2, 3, 4], "Scales that the method has.")
    image_range: Positive = key(1.0, "White in the network's input and output; an attribute of its class wins.")
    checkpoint: Text | None = key(None, "File in this folder with the layout of official checkpoints.")
    recipe: Text | None = key(None, "Recipe that the authors trained it with.")
    note: Text = key("", "Shown wherever the method is shown.")
