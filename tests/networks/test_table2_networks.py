"""The convolutional and hybrid networks of Table 2 against the official networks' outputs, sizes and layouts."""

import json
import re
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from golden import formula_weights, golden_input
from torch.nn import functional as F

import hitsr
from hitsr.checkpoints.loading import load_any
from hitsr.data.degradation import downscale
from hitsr.data.images import read_rgb
from hitsr.errors import CheckpointError, InputError, OptionError
from hitsr.measure.count.counters import by_fvcore, by_shapes
from hitsr.measure.quality import psnr_y


@dataclass(frozen=True)
class Network:
    """What is known of one network from the official code.

    Attributes:
        folder: in `baselines/`, and in the names of the golden files.
        small: options of a tiny one.
        macs: of an output of 1280x720 by fvcore, in G, at x2, x3 and x4.
        scaled: the tensors that depend on the scale, by pattern.
    """

    folder: str
    small: dict
    macs: tuple[float, float, float]
    scaled: str = r"^upsampler\.0\."


NETWORKS = {
    "EDSR-B": Network("edsr_b", {"dim": 8, "blocks": 2, "rgb_range": 1}, (316.259, 160.449, 114.239), r"^tail\.0\."),
    "CARN": Network("carn", {"dim": 8, "blocks": 2}, (222.831, 118.893, 90.882), "^$"),
    "IMDN": Network("imdn", {"dim": 16, "blocks": 2}, (158.854, 71.543, 40.908)),
    "RFDN-L": Network("rfdn_l", {"dim": 8, "blocks": 2}, (141.865, 63.820, 36.437)),
    "LatticeNet": Network("latticenet", {"dim": 20, "rgb_range": 1}, (169.747, 76.392, 43.637), r"^tail\.1\."),
    "FMEN": Network(
        "fmen",
        {"dim": 8, "attention_dim": 6, "attention_blocks": [1, 0, 1]},
        (172.059, 77.416, 44.209),
        r"^tail\.0\.",
    ),
    "HNCT": Network("hnct", {"dim": 8, "blocks": 2, "heads": 2, "window": 4}, (82.939, 37.838, 21.940)),
    # official code forms products by einsum, whose count fvcore reads from a rounded text: 194.496, 88.418, 50.924
    "Omni-SR": Network(
        "omni_sr", {"dim": 8, "groups": 2, "heads": 2, "window": 4}, (194.500, 88.419, 50.924), r"^up\.0\."
    ),
    "SRPN-Lite": Network(
        "srpn_lite", {"dim": 8, "blocks": 2, "rgb_range": 1}, (139.978, 62.888, 35.841), r"^tail\.0\.0\."
    ),
}


@dataclass(frozen=True)
class Golden:
    """One file of official outputs.

    Attributes:
        tolerance: largest absolute difference in float32; times the standard deviation of the output if `relative`.
        options: that the official network was built with.
        white: the input is multiplied by it.
        factor, gain, raised: of the weights, see `formula_weights`.
    """

    file: str
    network: str
    tolerance: float
    relative: bool = False
    options: dict = field(default_factory=dict)
    white: float = 1
    factor: float = 0.5
    gain: float = 1
    raised: str | None = None


FILES = [
    Golden("edsr_b", "EDSR-B", 5e-4, white=255),
    Golden("edsr_b_rgb1", "EDSR-B", 2e-6, options={"rgb_range": 1}),
    Golden("carn", "CARN", 1e-6),
    Golden("carn_gain14", "CARN", 2e-5, relative=True, factor=1.4),
    Golden("imdn", "IMDN", 1e-5),
    Golden("imdn_gain14", "IMDN", 2e-5, relative=True, factor=1.4),
    Golden("rfdn_l", "RFDN-L", 1e-5),
    Golden("rfdn_l_gain14", "RFDN-L", 2e-5, relative=True, factor=1.4),
    Golden("latticenet", "LatticeNet", 1e-6),
    Golden("latticenet_gain", "LatticeNet", 2e-5, gain=2, raised=r"_ca[12]\.conv_(mean|std)\.0\.bias$"),
    Golden("fmen", "FMEN", 1e-6),
    Golden("fmen_gain", "FMEN", 2e-5, gain=2.8),
    Golden("hnct", "HNCT", 1e-6),
    Golden("hnct_gain", "HNCT", 1e-5, gain=1.6),
    Golden("omni_sr", "Omni-SR", 1e-6, options={"rgb_range": (0, 1)}),
    Golden("omni_sr_gain", "Omni-SR", 1e-5, options={"rgb_range": (0, 1)}, gain=1.6),
    Golden("srpn_lite", "SRPN-Lite", 1e-5, options={"rgb_range": 1}),
]


def entries_of(shared, name: str) -> list[dict]:
    file = shared / "golden" / f"manifest_{NETWORKS[name].folder}_x2.json"
    return json.loads(file.read_text())["entries"]


@pytest.mark.parametrize("golden", FILES, ids=lambda golden: golden.file)
def test_output_equals_the_official_one(shared, golden):
    """In float32 within the rounding of the official network, in float64 to its last digits."""
    record = json.loads((shared / "golden" / f"golden_{golden.file}_x2.json").read_text())
    arrays = np.load(shared / "golden" / f"golden_{golden.file}_x2.npz")
    model = hitsr.build(golden.network, 2, **golden.options).eval()
    weights, checksum = formula_weights(entries_of(shared, golden.network), golden.factor, golden.gain, golden.raised)
    assert checksum == record["weights_sha256"]
    hitsr.load_official(model, {**hitsr.to_official(model), **weights})
    for key in (key for key in arrays if key.startswith("y_")):
        size = key.removeprefix("y_")
        with torch.no_grad():
            difference = (model(golden_input(size) * golden.white) - torch.from_numpy(arrays[key])).abs()
        limit = golden.tolerance * (record["cases"][size]["std"] if golden.relative else 1)
        assert difference.max() < limit, f"{size}: largest {difference.max():.2e}, {(difference >= limit).sum()} off"
    check_in_float64(model.double(), golden, record, arrays)


def check_in_float64(model: torch.nn.Module, golden: Golden, record: dict, arrays: np.lib.npyio.NpzFile) -> None:
    if "float64" in record:
        key, deviation = record["float64"]["key"], record["float64"]["std"]
        size = key.removeprefix("y64_")
        expected = torch.from_numpy(arrays[key]).flatten()
    else:
        size = "48x40" if "48x40" in record["cases"] else "64x64"
        case = record["cases"][size]
        expected, deviation = torch.tensor(case["y64_first"] + case["y64_last"], dtype=torch.float64), case["std"]
    with torch.no_grad():
        y = model((golden_input(size) * golden.white).double()).flatten()
    found = y if len(y) == len(expected) else torch.cat([y[:4], y[-4:]])
    assert (found - expected).abs().max() < 1e-10 * deviation


@pytest.mark.parametrize("name", NETWORKS)
@torch.no_grad()
def test_multiply_adds_equal_those_of_the_official_code(name):
    """At the size of Table 2 by shapes alone; on a small image also by fvcore itself."""
    for scale, expected in zip((2, 3, 4), NETWORKS[name].macs, strict=True):
        image = torch.zeros(1, 3, 720 // scale, -(-1280 // scale))
        assert (
            round(by_shapes(hitsr.build(name, scale, implementation="reference").eval(), image).macs / 1e9, 3)
            == expected
        )
    small = hitsr.build(name, 2, implementation="reference", **NETWORKS[name].small).eval()
    image = torch.zeros(1, 3, 17, 20)
    assert by_shapes(small, image).macs == by_fvcore(small, image)[0].macs


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_layout_is_the_official_one(shared, name, scale):
    """Names, order, shapes and types of the official files; other scales differ in one convolution only."""
    official = hitsr.to_official(hitsr.build(name, scale))
    if name == "EDSR-B" and scale == 4:
        assert official.pop("tail.0.2.weight").shape == (256, 64, 3, 3) and official.pop("tail.0.2.bias").shape == (
            256,
        )
    entries = entries_of(shared, name)
    assert list(official) == [entry["name"] for entry in entries]
    for entry in entries:
        tensor = official[entry["name"]]
        assert str(tensor.dtype).removeprefix("torch.") == entry["dtype"].removeprefix("torch.")
        if list(tensor.shape) != entry["shape"]:
            assert scale != 2 and re.search(NETWORKS[name].scaled, entry["name"]), entry["name"]


@pytest.mark.parametrize("name", NETWORKS)
def test_official_files_load_strictly(name):
    """What was written is read again; a missing, an unknown and a misshapen tensor are named."""
    source, target = (hitsr.build(name, 3, **NETWORKS[name].small) for _ in range(2))
    official = hitsr.to_official(source)
    hitsr.load_official(target, {f"module.{key}": tensor for key, tensor in official.items()})
    assert all(torch.equal(value, target.state_dict()[key]) for key, value in source.state_dict().items())
    first = next(iter(official))
    for wrong, words in (
        ({key: tensor for key, tensor in official.items() if key != first}, f"missing: {first}"),
        ({**official, "more.weight": torch.zeros(1)}, "unknown: more.weight"),
        ({**official, first: torch.zeros(7, 7)}, f"of another shape: {first}"),
    ):
        with pytest.raises(CheckpointError, match=f"does not fit {name} x3: it seems to be {name}.*{re.escape(words)}"):
            hitsr.load_official(target, wrong)


@pytest.mark.parametrize("name", [name for name in NETWORKS if name != "CARN"])
def test_files_of_other_scales_are_refused(name):
    options = NETWORKS[name].small
    for scale, other in ((2, 3), (3, 4), (4, 2)):
        official = hitsr.to_official(hitsr.build(name, other, **options))
        with pytest.raises(CheckpointError, match=f"does not fit {name} x{scale}: it seems to be {name} x{other} with"):
            hitsr.load_official(hitsr.build(name, scale, **options), official)


def test_files_of_relatives_are_refused_by_name():
    """Names as in the code of those networks."""
    fmen = hitsr.to_official(hitsr.build("FMEN", 4, **NETWORKS["FMEN"].small))
    training = {
        key.replace("rep_conv", part): tensor
        for key, tensor in fmen.items()
        for part in (["expand_conv", "fea_conv", "reduce_conv"] if "rep_conv" in key else [""])
    }
    imdn = hitsr.to_official(hitsr.build("IMDN", 4, **NETWORKS["IMDN"].small))
    any_scale = {
        key.replace("fea_conv.", f"fea_conv.{part}."): tensor for part in (0, 2) for key, tensor in imdn.items()
    }
    carn = hitsr.to_official(hitsr.build("CARN", 4, **NETWORKS["CARN"].small))
    mobile = {key: tensor for key, tensor in carn.items() if ".b2." not in key} | {
        f"b{k}.b1.body.4.weight": torch.zeros(8, 8, 1, 1) for k in (1, 2)
    }
    single = {key.replace("up4", "up"): tensor for key, tensor in carn.items() if "up2" not in key and "up3" not in key}
    for name, state, words in (
        ("FMEN", training, "FMEN in its form for training x4"),
        ("IMDN", any_scale, "IMDN_AS x4"),
        ("CARN", mobile, "CARN-M"),
        ("CARN", single, "CARN of a single scale"),
    ):
        with pytest.raises(CheckpointError, match=f"does not fit {name} x4: it seems to be {words}"):
            hitsr.load_official(hitsr.build(name, 4, **NETWORKS[name].small), state)


@pytest.mark.parametrize(
    ("name", "file", "scale", "psnr"),
    [
        ("IMDN", "IMDN_x2_official.pth", 2, 37.996),
        ("IMDN", "IMDN_x3_official.pth", 3, 34.360),
        ("IMDN", "IMDN_x4_official.pth", 4, 32.210),
        ("LatticeNet", "LatticeNet_x2_public.pt", 2, 38.061),
        ("LatticeNet", "LatticeNet_x3_public.pt", 3, 34.397),
        ("LatticeNet", "LatticeNet_x4_public.pt", 4, 32.181),
    ],
)
def test_published_weights_give_the_published_psnr(shared, name, file, scale, psnr):
    """On Set5, by the protocol of papers."""
    model = load_any(shared / "weights" / file, name, scale, {})
    found = []
    for path in sorted((shared / "data" / "Set5").glob("*.png")):
        high = read_rgb(path)
        found.append(psnr_y(hitsr.upscale(model, downscale(high, scale)), high, scale))
    assert len(found) == 5 and round(sum(found) / 5, 3) == psnr


@pytest.mark.parametrize("name", NETWORKS)
def test_images_of_any_size(name):
    """Finite, of the right size, as by the reference, and one image of a batch does not change another."""
    model = hitsr.build(name, 3, **NETWORKS[name].small).eval()
    reference = hitsr.build(name, 3, implementation="reference", **NETWORKS[name].small).eval()
    reference.load_state_dict(model.state_dict())
    for height, width in ((1, 1), (1, 6), (7, 3), (17, 20)):
        images = torch.rand(2, 3, height, width)
        with torch.no_grad():
            y = model(images)
            assert torch.allclose(model(images[1:]), y[1:], atol=1e-5)
            torch.testing.assert_close(y, reference(images), rtol=0, atol=1e-5)
        assert y.shape == (2, 3, 3 * height, 3 * width) and y.isfinite().all()


@pytest.mark.parametrize("name", NETWORKS)
def test_one_step_of_training_lowers_the_loss(name):
    torch.manual_seed(0)
    model = hitsr.build(name, 2, **NETWORKS[name].small)
    image, target = torch.rand(2, 3, 16, 16), torch.rand(2, 3, 32, 32)
    optimiser = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=1e-3)
    before = F.l1_loss(model(image), target)
    before.backward()
    unused = {n for n, p in model.named_parameters() if p.requires_grad and p.grad is None}
    assert all(n.startswith(("upsample.up3.", "upsample.up4.")) for n in unused) and (not unused or name == "CARN")
    reference = hitsr.build(name, 2, implementation="reference", **NETWORKS[name].small)
    reference.load_state_dict(model.state_dict())
    F.l1_loss(reference(image), target).backward()
    for (key, found), expected in zip(model.named_parameters(), reference.parameters(), strict=True):
        torch.testing.assert_close(found.grad, expected.grad, rtol=1e-3, atol=1e-6, msg=key)
    optimiser.step()
    with torch.no_grad():
        assert F.l1_loss(model(image), target) < before


@pytest.mark.parametrize("name", ["IMDN", "RFDN-L", "LatticeNet"])
def test_a_constant_image_has_a_gradient(name):
    """A channel without contrast, whose standard deviation is zero."""
    model = hitsr.build(name, 2, **NETWORKS[name].small)
    torch.nn.init.zeros_(model.shallow[0].weight if name == "LatticeNet" else model.shallow.weight)
    model(torch.rand(1, 3, 4, 4)).sum().backward()
    assert all(p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize("name", NETWORKS)
def test_mistakes_are_named(name):
    with pytest.raises(OptionError, match="scale"):
        hitsr.build(name, 5)
    with pytest.raises(InputError, match="RGB"):
        hitsr.build(name, 2, **NETWORKS[name].small)(torch.rand(1, 1, 8, 8))


def test_padding_of_omni_sr_is_black_of_its_weights():
    """Zeros where images lie in [-1, 1]: middle gray."""
    model = hitsr.build("Omni-SR", 2, **NETWORKS["Omni-SR"].small).eval()
    image = torch.rand(1, 3, 17, 18)
    padded = F.pad(image - 0.5, (0, 2, 0, 3)) + 0.5
    with torch.no_grad():
        assert torch.allclose(model(image), model(padded)[..., :34, :36], atol=1e-6)


def test_transformer_of_hnct_pads_by_reflection():
    from hitsr.baselines.hnct.network import SwinTransformer

    part, x = SwinTransformer(8, heads=2, window=4).eval(), torch.rand(1, 8, 17, 18)
    with torch.no_grad():
        expected = part(F.pad(x, (0, 2, 0, 3), mode="reflect"))[..., :17, :18]
        assert torch.allclose(part(x), expected, atol=1e-6)
