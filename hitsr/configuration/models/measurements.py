"""Sections `complexity`, `latency`, `attribution` and `attention_cost`: what is measured of networks, and how."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hitsr.measure.time.backends import names as backend_names
from hitsr.schema.faults import Fault
from hitsr.schema.sections import Section, key, optional, required, section
from hitsr.schema.types import (
    Count,
    Device,
    Distinct,
    FewIntegers,
    Integer,
    Natural,
    OneOf,
    Positive,
    Scale,
    Text,
)

Size = Annotated[list[Count], Field(min_length=2, max_length=2)]
"""Width and height."""
Methods = Annotated[list[Text], Distinct]


class Complexity(Section):
    """How parameters and multiply-adds are counted."""

    output: Annotated[list[Annotated[Integer, Field(ge=8)]], Field(min_length=2, max_length=2)] = key(
        [1280, 720],
        "Width and height of the super-resolved image; the input is this divided by the scale, rounded up.",
    )
    published_size: bool = key(
        True,
        "Also count every network that the run reduces at its published size (parameters and multiply-adds only).",
    )
    ptflops_scales: Annotated[list[Scale], Distinct] = key(
        [2, 3, 4], "Scales at which ptflops counts too; each of its two back-ends runs the network once more."
    )


class Resolutions(Section):
    """Latency and memory against the size of the image, for the figure `resolutions`."""

    sizes: Annotated[list[Size], Field(min_length=1), Distinct] = key(
        [[80, 45], [160, 90], [320, 180], [640, 360]], "Width and height of each low-resolution input."
    )
    methods: Methods | None = key(None, "Methods to time at every size; null for all networks.")
    repeats: Count = key(5, "Timed rounds per size.")


class Latency(Section):
    """How time and memory are measured."""

    input: Size = key([320, 180], "Width and height of the low-resolution input.")
    warm_up: Natural = key(2, "Untimed rounds.")
    repeats: Count = key(10, "Timed rounds; in each round every method runs once.")
    threads: Count = key(1, "CPU threads of the timed network.")
    device: Device = key("auto", "Where to measure.")
    implementations: Annotated[list[Literal["reference", "fixed_size", "optimized"]], Field(min_length=1), Distinct] = (
        key(
            ["optimized"],
            "Which implementations of the networks are timed; `reference` computes as published, `fixed_size` too, but "
            "with the masks of window attention made once instead of in every layer of every pass.",
        )
    )
    backends: Annotated[list[Annotated[str, OneOf(backend_names, "back-end")]], Field(min_length=1), Distinct] = key(
        ["eager"],
        "What runs the networks: `eager` is PyTorch as it is, which tables and figures compare; `compile` is "
        "torch.compile, `cudagraph` a CUDA graph, `onnxruntime`, `openvino` and `tensorrt` run the exported network. "
        "One that is not there, or fails, is reported and left out.",
    )
    keep_pages: bool = key(
        True,
        "Let glibc keep freed memory for the next tensors, as super-resolving does, for all networks alike; without it "
        "much of a pass on a CPU may go into getting memory from the system.",
    )
    timeout: Positive = key(3600, "Seconds that one pass may take before its network is given up as hanging.")
    resolutions: Resolutions = section(Resolutions)


class Place(Section):
    """A patch of a test image.

    Without `x` and `y` it is the patch of that image that bicubic interpolation restores worst: the rule knows no
    network, so it favours none.
    """

    dataset: Text = required("A test set.")
    image: Text = required("Name of the image.")
    x: Natural | None = optional("Left border in pixels of the high-resolution image; without it chosen by rule.")
    y: Natural | None = optional("Upper border.")

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.x is None) != (self.y is None):
            raise Fault("expected both x and y, or neither")
        return self


class Attribution(Section):
    """How local attribution maps and effective receptive fields are measured, on crops of the test images.

    For the figures `attribution` (local attribution maps with diffusion index, Gu and Dong, CVPR 2021) and
    `receptive_field` (effective receptive fields, Luo et al., NeurIPS 2016). The network is given a crop of the
    low-resolution image around the patch; the crop should be no smaller than the largest window.
    """

    methods: Methods | None = key(None, "Methods to look into; null for all networks.")
    images: Count = key(20, "How many of the first test images are used if `patches` gives none.")
    patches: list[Place] = key(
        [], "Patches to attribute, one per image; if none, where bicubic interpolation fails most."
    )
    patch: Count = key(16, "Side of the patch in pixels of the high-resolution image.")
    crop: Annotated[Integer, Field(ge=8)] = key(
        128, "Side of the low-resolution crop that the network is given in pixels."
    )
    steps: Count = key(50, "Steps along the path from the blurred to the sharp crop.")
    blur: Positive = key(1.2, "Standard deviation of the blur at the start of the path in low-resolution pixels.")
    positions: Count = key(4, "Output pixels per image over which the receptive field is averaged.")
    threads: Count = key(1, "CPU threads.")
    device: Device = key("auto", "Where to compute.")


class AttentionCost(Section):
    """How the cost of attention and correlation is measured against the size of the window.

    Window self-attention, permuted self-attention, spatial and channel correlation, each alone on one map of features;
    independent of the networks of the run. For the table and the figure `attention_cost`.
    """

    windows: Annotated[list[Annotated[Literal[4, 8, 16, 32, 64, 128], FewIntegers]], Field(min_length=2), Distinct] = (
        key([4, 8, 16, 32, 64], "Sides of the windows, powers of two from 4 that divide the map.")
    )
    map: Annotated[Integer, Field(ge=4)] = key(64, "Side of the square map of features.")
    dim: Annotated[Integer, Field(ge=16, multiple_of=4)] = key(60, "Channels of the features.")
    heads: Count = key(6, "Attention heads.")
    warm_up: Natural = key(1, "Untimed rounds.")
    repeats: Count = key(5, "Timed rounds; in each round every operator runs once.")
    threads: Count = key(1, "CPU threads.")
    device: Device = key("auto", "Where to measure.")
