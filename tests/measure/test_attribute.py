"""Attribution against closed forms: Gini, linear networks, the axiom of completeness; and what a run records."""

import hashlib

import numpy as np
import pytest
import torch
from torch import nn

import hitsr
from hitsr.configuration.steps import AttributeSettings, Network
from hitsr.data.degradation import upscale_bicubic
from hitsr.data.images import read_rgb
from hitsr.data.layout import hr_path, lr_path
from hitsr.data.prepare import prepare
from hitsr.errors import ConfigError
from hitsr.measure.attribute.maps import (
    blurred,
    centred,
    contribution,
    detector,
    diffusion_index,
    gini,
    local_attribution,
    side_holding,
)
from hitsr.measure.attribute.places import Place, around_centre, places
from hitsr.measure.attribute.run import run
from hitsr.measure.quality import luma
from hitsr.networks.identity import Identity, annotate
from hitsr.results.records import read_record

SETTINGS = {
    "images": 5, "patches": [], "patch": 8, "crop": 24, "steps": 4, "blur": 1.2, "positions": 2, "threads": 1,
}  # fmt: skip


class Linear(nn.Module):
    """One convolution of each colour with the same kernel, and every pixel repeated `scale` x `scale` times."""

    def __init__(self, kernel: np.ndarray, scale: int = 2):
        super().__init__()
        self.scale = scale
        weight = torch.from_numpy(kernel)[None, None].repeat(3, 1, 1, 1)
        self.convolution = nn.Conv2d(3, 3, kernel.shape, padding="same", groups=3, bias=False, dtype=torch.float64)
        self.convolution.weight = nn.Parameter(weight)
        annotate(self, Identity("Linear", scale, {}, 255.0))

    def forward(self, x):
        return self.convolution(x).repeat_interleave(self.scale, 2).repeat_interleave(self.scale, 3)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    prepare({"photographs": ["camera", "astronaut"]}, "photographs", 2, folder / "photographs")
    return folder


def test_gini_closed_forms(random):
    assert gini(np.full(40, 3.0)) == pytest.approx(0, abs=1e-12)
    one = np.zeros((8, 5))
    one[2, 3] = 7
    assert gini(one) == pytest.approx(1 - 1 / 40)
    values = random.exponential(size=50)
    # definition: half the relative mean absolute difference
    assert gini(values) == pytest.approx(np.abs(values[:, None] - values).mean() / (2 * values.mean()))
    assert diffusion_index(-np.ones((4, 4))) == pytest.approx(100)
    assert diffusion_index(one) == pytest.approx(100 / 40)


def test_receptive_field_of_a_convolution_is_its_kernel(random):
    kernel = random.normal(size=(5, 5))
    (found,) = contribution(Linear(kernel), torch.rand(3, 20, 24, dtype=torch.float64), [(9, 7)])
    expected = np.zeros((20, 24))
    expected[5:10, 7:12] = 3 * np.abs(kernel)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_side_of_the_square():
    box = centred(np.pad(np.ones((5, 5)), 3), (5, 5), 8)
    assert box.shape == (17, 17)
    assert {part: side_holding(box, part) for part in (0.03, 0.36, 0.37, 0.95, 1.0)} == {
        0.03: 1, 0.36: 3, 0.37: 5, 0.95: 5, 1.0: 5,
    }  # fmt: skip


def test_attribution_of_a_monotone_image():
    """On an image that rises from left to right, the detector is the right end of each row minus its left end.

    So each row of the patch owes its detail to two pixels, by as much as sharpening changed them.
    """
    row = torch.linspace(0, 1, 32, dtype=torch.float64) ** 3
    image = row.expand(3, 20, 32).contiguous()
    sharpened = (image - blurred(image, 1.2))[0, 0].numpy()
    found, error = local_attribution(Linear(np.ones((1, 1))), image, (20, 12, 16), sigma=1.2, steps=10)
    expected = np.zeros((20, 32))
    # 3 colours, 2 rows of the output per row of the input
    expected[6:14, 18], expected[6:14, 10] = 6 * sharpened[18], -6 * sharpened[10]
    np.testing.assert_allclose(found, expected, atol=1e-7)
    assert error < 1e-6


def test_detector_counts_only_the_patch():
    image = torch.zeros(3, 12, 12, dtype=torch.float64)
    image[:, :, 6:] = 0.5
    assert float(detector(image, (3, 3, 4))) == pytest.approx(3 * 4 * 0.5, rel=1e-4)
    assert float(detector(image, (7, 3, 4))) < 1e-3


@pytest.mark.parametrize("name", ["HiT-SIR", "SwinIR-Light"])
def test_attribution_of_a_network_is_complete(name, data):
    """Integrated gradients add up to the change of the detector, and both implementations agree."""
    torch.manual_seed(0)
    options = {"dim": 16, "depths": [2], "heads": 2}
    fast = hitsr.build(name, 2, **options).eval().requires_grad_(False)
    plain = hitsr.build(name, 2, **options, formulation="plain").eval().requires_grad_(False)
    plain.load_state_dict(fast.state_dict())
    low = read_rgb(lr_path(data / "photographs", 2, "camera"))[60:92, 80:112]
    image = torch.from_numpy(low.astype(np.float32) / 255).permute(2, 0, 1)
    maps = {}
    for formulation, model in (("fast", fast), ("plain", plain)):
        maps[formulation], error = local_attribution(model, image, (24, 24, 16), steps=20)
        assert error < 0.02
    largest = np.abs(maps["plain"]).max()
    np.testing.assert_allclose(maps["fast"], maps["plain"], atol=1e-3 * largest)


def test_patches_are_where_interpolation_fails_most(data):
    for place in places(data, ["photographs"], 2, {**SETTINGS, "patch": 16, "crop": 64}):
        low, high = (
            read_rgb(path)
            for path in (
                lr_path(data / "photographs", 2, place.image),
                hr_path(data / "photographs", place.image),
            )
        )
        error = (luma(upscale_bicubic(low, 2)) - luma(high)) ** 2
        # wherever the crop of 64 low-resolution pixels surrounds the patch
        sums = np.lib.stride_tricks.sliding_window_view(error, (16, 16)).mean(axis=(2, 3))
        inner = sums[56 : 512 - 56 - 15, 56 : 512 - 56 - 15]
        y, x = np.unravel_index(np.argmax(inner), inner.shape)
        assert (place.x, place.y) == (x + 56, y + 56)
        assert place.left == (place.x + 8) // 2 - 32 and place.top == (place.y + 8) // 2 - 32
        assert (place.width, place.height) == (64, 64)


def test_given_patches(data):
    given = {"dataset": "photographs", "image": "camera", "x": 3, "y": 500}
    settings = {**SETTINGS, "patches": [given, {"dataset": "photographs", "image": "astronaut"}]}
    by_rule = {place.image: place for place in places(data, ["photographs"], 2, SETTINGS)}
    assert places(data, ["photographs"], 2, settings) == [
        Place("photographs", "camera", 3, 500, left=0, top=256 - 24, width=24, height=24),
        by_rule["astronaut"],
    ]
    for change, words in (
        ({"image": "moon"}, "patches.1: no image 'moon'"),
        ({}, "patches.1: photographs camera has a patch already"),
        ({"image": "astronaut", "x": 504}, "patches.1: a patch of 8 pixels at 504, 500 does not fit"),
    ):
        with pytest.raises(ConfigError, match=words):
            places(data, ["photographs"], 2, {**SETTINGS, "patches": [given, {**given, **change}]})


def test_what_is_recorded(data, tmp_path):
    options = {"dim": 16, "depths": [1], "heads": 2, "window_ratios": [1]}
    weights = tmp_path / "weights.safetensors"
    hitsr.save(hitsr.build("HiT-SIR", 2, **options), weights)
    step = AttributeSettings(
        method="mine", network=Network(name="HiT-SIR", options=options), scale=2, seed=0, test_sets=("photographs",),
        weights=None, given=None, fetched=None, attribution=SETTINGS, threads=1, device="cpu",
    )  # fmt: skip
    run(step, weights, data, tmp_path)
    record = read_record(tmp_path / "attribution.json")
    assert record["weights"]["sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    for image in record["images"]:
        low = lr_path(data / "photographs", 2, image["image"])
        assert image["low_sha256"] == hashlib.sha256(low.read_bytes()).hexdigest()
    maps = np.load(tmp_path / "maps.npz")
    values = {(row["quantity"], row.get("image")): row["value"] for row in record["rows"]}
    for number, place in enumerate(record["places"]):
        attribution = maps[f"attribution_{number}"]
        assert attribution.shape == (24, 24)
        assert values["diffusion_index", place["image"]] == pytest.approx(diffusion_index(attribution), rel=1e-3)
        assert 1 <= values["receptive_field", place["image"]] <= 47
    assert maps["receptive_field"].shape == (47, 47)
    assert maps["receptive_field"].sum() == pytest.approx(1, rel=1e-5)
    assert values["receptive_field_averaged", None] == side_holding(maps["receptive_field"], 0.95)
    first = [around_centre(Place("", "", 0, 0, 0, 0, 24, 24), 3, seed=1) for _ in range(2)]
    assert first[0] == first[1] and all(9 <= x <= 15 and 9 <= y <= 15 for x, y in first[0])
