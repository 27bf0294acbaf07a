"""Section `report`: how results are shown."""

from typing import Annotated

from pydantic import Field

from hitsr.configuration.models.measurements import Place
from hitsr.schema.sections import Section, key
from hitsr.schema.types import Count, Distinct, Integer, Scale, Text

Side = Annotated[Integer, Field(ge=8)]


class Crop(Place):
    """A crop of the visual comparison.

    Without `x` and `y`, the window is chosen in which the networks' outputs differ most (largest standard deviation of
    Y across networks); without any crop, so are the images. `reports/RUN/crops.json` records the choice.
    """

    width: Side = key(96, "Width in pixels of the high-resolution image.")
    height: Side = key(72, "Height in pixels of the high-resolution image.")


class Report(Section):
    """How results are shown; nothing here changes a measurement."""

    tables: Annotated[list[Text], Distinct] = key(
        ["main", "efficiency"], "Tables to render; `hitsr list` describes them."
    )
    figures: Annotated[list[Text], Distinct] = key(
        ["cost", "performance", "tradeoff", "convergence", "training", "crops", "errors"],
        "Figures to render; `hitsr list` describes them.",
    )
    claims: Annotated[list[Text], Distinct] = key(
        [],
        "Claims that the run is to decide: it measures what they take. The others are judged by what is measured for "
        "tables and figures. `hitsr list` names them.",
    )
    keep_stale: bool = key(
        False,
        "Report results that were made with other settings or another version of the code, too, and mark them; else "
        "they are refused.",
    )
    crop_scale: Scale | None = key(None, "Scale of the visual comparison; null for the run's first.")
    crop_count: Count = key(3, "Images to show crops of if `crops` gives none; those with the largest differences.")
    crops: list[Crop] = key(
        [], "Crops of the visual comparison; if none, chosen where the networks' outputs differ most."
    )
