"""Any image size, both formulations, several types: the same outputs."""

import copy

import numpy as np
import pytest
import torch
from conftest import TRANSFORMERS
from hypothesis import given, settings
from hypothesis import strategies as st

import hitsr
from hitsr.networks.blocks.windows import shift_mask
from hitsr.optimized import fixed_size

SMALL_HIT = {"dim": 48, "depths": (3,), "heads": 2, "window_ratios": (0.5, 2, 4)}
SMALL_SWIN = {"dim": 16, "depths": (2,), "heads": 2}
SMALL = {
    "SwinIR-Light": SMALL_SWIN,
    "ELAN-Light": {"dim": 15, "blocks": 2, "rgb_range": 1},
    "SwinIR-NG": SMALL_SWIN,
    "SRFormer-Light": SMALL_SWIN,
    "HiT-SIR": SMALL_HIT,
    "HiT-SNG": SMALL_HIT,
    "HiT-SRF": SMALL_HIT,
}
PADDED = {"SwinIR-Light": 8, "SwinIR-NG": 8, "SRFormer-Light": 16, "ELAN-Light": 16}
"""Networks that pad the image, and to a multiple of what."""


def small(name: str, scale: int = 2, formulation: str | None = "fast", **options) -> torch.nn.Module:
    torch.manual_seed(0)
    model = hitsr.build(name, scale, formulation=formulation, **{**SMALL[name], **options}).eval()
    for parameter in model.parameters():
        if parameter.requires_grad and parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=0.5 / np.sqrt(parameter[0].numel()))
    return model


def both(name: str, scale: int = 2, **options) -> tuple[torch.nn.Module, torch.nn.Module]:
    fast = small(name, scale, **options)
    plain = small(name, scale, "plain", **options)
    plain.load_state_dict(fast.state_dict())
    return plain, fast


@pytest.mark.parametrize("name", TRANSFORMERS)
@given(height=st.integers(1, 80), width=st.integers(1, 80))
@settings(max_examples=12, deadline=None)
def test_any_size(name, height, width):
    plain, fast = both(name)
    x = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(height * 100 + width))
    with torch.no_grad():
        y = fast(x)
        assert y.shape == (1, 3, 2 * height, 2 * width)
        torch.testing.assert_close(y, plain(x), rtol=0, atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("name", ["SwinIR-Light", "SwinIR-NG", "SRFormer-Light"])
def test_published_code_of_a_fixed_size_keeps_its_masks(name, monkeypatch):
    """The same image bit for bit, whatever the size; the masks of a size are made once."""
    reference = small(name, formulation=None, implementation="reference", depths=(2,))
    fixed = small(name, formulation=None, implementation="fixed_size", depths=(2,))
    fixed.load_state_dict(reference.state_dict())
    made = []
    monkeypatch.setattr(fixed_size, "shift_mask", lambda *of: made.append(of[:2]) or shift_mask(*of))
    for side in (32, 48, 48, 32):
        x = torch.rand(2, 3, side, 32)
        assert torch.equal(fixed(x), reference(x))
    assert made == [(32, 32), (48, 32), (32, 32)]


@pytest.mark.parametrize("name", PADDED)
@pytest.mark.parametrize("size", [(1, 1), (5, 23), (17, 9)])
def test_image_is_padded_by_periodic_reflection(name, size, random):
    model, unit = small(name), PADDED[name]
    x = random.random((1, 3, *size)).astype(np.float32)
    pad = [(0, 0), (0, 0), *((0, -s % unit) for s in size)]
    with torch.no_grad():
        expected = model(torch.from_numpy(np.pad(x, pad, mode="reflect")))[..., : 2 * size[0], : 2 * size[1]]
        torch.testing.assert_close(model(torch.from_numpy(x)), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", TRANSFORMERS)
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (33, 17)])
def test_full_size_networks_take_tiny_images(name, size):
    y = hitsr.upscale(hitsr.build(name, 4), np.full((*size, 3), 128, np.uint8))
    assert y.shape == (4 * size[0], 4 * size[1], 3)


@pytest.mark.parametrize("name", TRANSFORMERS)
@pytest.mark.parametrize("scale", [3, 4])
def test_batches_and_scales(name, scale):
    plain, fast = both(name, scale)
    x = torch.rand(2, 3, 20, 27)
    with torch.no_grad():
        torch.testing.assert_close(fast(x), plain(x), rtol=0, atol=1e-5)
        torch.testing.assert_close(fast(x)[1:], fast(x[1:]), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_gradients_of_both_formulations(name):
    options = {} if name == "ELAN-Light" or name.startswith("HiT") or name == "SwinIR-NG" else {"drop_path": 0.0}
    plain, fast = (model.double().train() for model in both(name, **options))
    x = torch.rand(2, 3, 20, 18, dtype=torch.double)
    for _ in range(2):
        for model in (plain, fast):
            model.zero_grad()
            model(x).square().mean().backward()
        for (key, a), b in zip(plain.named_parameters(), fast.parameters(), strict=True):
            if a.requires_grad:
                scale = a.grad.abs().max().clamp_min(1e-12)
                assert (a.grad - b.grad).abs().max() / scale < 1e-4, key
        for model in (plain, fast):
            torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=1e-2).step()


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_types(name):
    model = small(name)
    x = torch.rand(1, 3, 24, 20)
    with torch.no_grad():
        reference = model(x)
        precise = copy.deepcopy(model).double()(x.double())
        coarse = copy.deepcopy(model).bfloat16()(x.bfloat16())
        with torch.autocast("cpu", torch.bfloat16):
            mixed = model(x)
    assert precise.dtype == torch.double
    torch.testing.assert_close(precise.float(), reference, rtol=0, atol=1e-5)
    for rough in (coarse, mixed):
        assert (rough.float() - reference).abs().max() < 0.1 * reference.std() + 0.1
