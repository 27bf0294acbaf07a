"""Section `methods`: the rows of every table."""

from typing import Annotated, Self

from pydantic import BeforeValidator, model_validator

from hitsr.configuration.models.train import Train
from hitsr.networks.declaration import Declared, Interpolation
from hitsr.schema.faults import Fault
from hitsr.schema.sections import Section, key, optional
from hitsr.schema.types import Colour, Mapping, Marker, Options, PathText, Said, ScaleKey, Text

KINDS = ("extends", "network", "interpolation", "images")
"""Keys that say what a method is; at most one of them, and none for a name that `hitsr methods` lists."""
PUBLISHED = "published"
"""In place of a file of weights: those of the catalogue, which the run gets if they are not here."""
AVAILABLE = "available"
"""In place of a file of weights: those of the catalogue if they are here; the method is not scored without."""


def _by_scale(value: object) -> object:
    return dict.fromkeys(("2", "3", "4"), value) if value in (PUBLISHED, AVAILABLE) else value


GivenWeights = Annotated[
    dict[ScaleKey, PathText], Mapping, BeforeValidator(_by_scale), Said("file by scale, `published` or `available`")
]


class Method(Section):
    """What a method changes against its entry in the catalogue, or what a new method is.

    The name is one that `hitsr methods` lists, with `{}` if nothing is changed, or a new one:

        methods:
          Lanczos: {interpolation: lanczos}
          SwinIR-Light: {recipe: SwinIR-Light}
          SwinIR-Light+recipe=hit: {extends: SwinIR-Light, recipe: hit}
          HiT-SIR: {recipe: hit}
          HiT-SIR-narrow: {extends: HiT-SIR, recipe: hit, options: {dim: 48}}
          MyNet: {network: my_net.py:MyNet, baseline: SwinIR-Light}
          IMDN-as-published: {images: "visual/{dataset}/x{scale}/{image}_IMDN.png"}

    A recipe is one of [recipes.yaml](../hitsr/catalogs/recipes.yaml), each with its source; `hitsr recipes` shows how
    they differ. A method that only trains another one's network otherwise, as `SwinIR-Light+recipe=hit` above, is its
    *same-recipe control*: it is trained and scored, but not counted and timed again; statistics and claims compare
    HiT-SIR with both, bars and lines of figures with the control. A printed figure gets a verdict only for a network
    that was trained as it was published.
    """

    extends: Text | None = optional(
        "Method that a new one starts from: of this run, whose options, recipe, keys of `train` and training set it "
        "takes where it states none of its own, or of the catalogue."
    )
    network: PathText | None = optional(
        "Network of a new method: `FILE.py:Class`, called as Class(scale, **options), or `spandrel` for any checkpoint "
        "that spandrel knows, given under `weights`."
    )
    interpolation: Interpolation | None = optional("Interpolation that a new method is.")
    images: PathText | None = optional(
        "Ready super-resolved images, found by a pattern such as `visual/{dataset}/x{scale}/{image}_IMDN.png`; `*` and "
        "`?` match as in a shell."
    )
    declared: Declared | None = optional(
        "What an external program, or the maker of ready images, costs by the word of its authors."
    )
    options: Options = key({}, "Options of the network, such as `dim` or `window_ratios`; see `hitsr options NETWORK`.")
    recipe: Text | None = optional(
        "Name in hitsr/catalogs/recipes.yaml; its keys of `train` replace the run's, and are replaced by those below."
    )
    train: Train | None = optional("Keys of `train` that this method trains with instead.")
    training_set: Text | None = optional("Data set that this method trains on instead.")
    weights: GivenWeights = key(
        {},
        "Weights to measure instead of training: one file per scale (ours or the official repository's). `published`, "
        "for all scales or in place of a file, are those of hitsr/catalogs/weights.yaml, found under `weights_root` or "
        "downloaded there; `available` are the same if they are there: a method without them is counted and timed, not "
        "scored, and tables say how to get them.",
    )
    baseline: Text | None = optional("Method that this one is compared with; that which it extends if left out.")
    stands_for: Text | None = optional(
        "Method that this one is at a reduced size: a claim about the scores of that one shows this one's where the "
        "run has not scored both methods of a pair, and says so."
    )
    cite: Text | None = optional("Key of its paper in hitsr/catalogs/published/references.bib.")
    colour: Colour | None = optional("Colour in every figure, as `#RRGGBB`; one that is free if left out.")
    marker: Marker | None = optional("Marker in every figure, one character of Matplotlib's.")
    note: Text | None = optional("Shown wherever the method is shown.")

    @property
    def kind(self) -> str | None:
        """The key of `KINDS` that is given."""
        return next((name for name in KINDS if getattr(self, name) is not None), None)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [name for name in KINDS if getattr(self, name) is not None]
        if len(given) > 1:
            raise Fault(f"{' and '.join(given)} exclude each other; keep one of them")
        return self
