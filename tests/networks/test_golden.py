"""Every network against the official networks' outputs and layouts."""

import pytest
import torch
from conftest import TRANSFORMERS
from golden import formula_weights, golden, golden_input, manifest

import hitsr

TOLERANCE = 1e-5


def built(shared, name: str, formulation: str) -> torch.nn.Module:
    options = {"rgb_range": 1} if name == "ELAN-Light" else {}
    model = hitsr.build(name, 2, formulation=formulation, **options).eval()
    weights, checksum = formula_weights(manifest(shared, name))
    assert checksum == golden(shared, name)[1]
    return hitsr.load_official(model, {**hitsr.to_official(model), **weights})


@pytest.mark.parametrize("name", TRANSFORMERS)
@pytest.mark.parametrize(("formulation", "size"), [("fast", "64x64"), ("fast", "48x40"), ("plain", "48x40")])
def test_output_equals_the_official_one(shared, name, formulation, size):
    model = built(shared, name, formulation)
    expected = torch.from_numpy(golden(shared, name)[0][f"y_{size}"])
    with torch.no_grad():
        difference = (model(golden_input(size)) - expected).abs()
    assert difference.max() < TOLERANCE, f"largest {difference.max():.2e}, {(difference >= TOLERANCE).sum()} pixels off"


@pytest.mark.parametrize("name", TRANSFORMERS)
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_layout_is_written_back_exactly(shared, name, scale):
    """Names, order, shapes and types of the official files; other scales differ in the last convolution only."""
    official = hitsr.to_official(hitsr.build(name, scale))
    entries = manifest(shared, name)
    assert list(official) == [entry["name"] for entry in entries]
    for entry in entries:
        tensor = official[entry["name"]]
        shape = entry["shape"]
        if entry["name"].startswith(("upsample.0.", "tail.0.")):
            shape = [3 * scale**2, *shape[1:]]
        assert (list(tensor.shape), str(tensor.dtype)) == (shape, f"torch.{entry['dtype'].removeprefix('torch.')}")


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_official_round_trip(name):
    source, target = hitsr.build(name, 3), hitsr.build(name, 3)
    hitsr.load_official(target, hitsr.to_official(source))
    for key, value in source.state_dict().items():
        assert torch.equal(value, target.state_dict()[key]), key


def test_official_weights_load(shared):
    from hitsr.checkpoints.loading import load_any

    model = load_any(shared / "weights" / "HiT-SRF_x4_official.pth", "HiT-SRF", 4, {})
    assert sum(p.numel() for p in model.parameters()) == 866420
