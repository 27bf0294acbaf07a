"""Evaluation in bands: the same image whatever the bands, within the memory asked for; tiles are an approximation."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from conftest import TRANSFORMERS
from test_sizes_and_formulations import both, small

import hitsr
from hitsr.errors import OptionError
from hitsr.networks.blocks.ngram import NGramContext
from hitsr.networks.blocks.padding import pad_to_multiple
from hitsr.networks.blocks.windows import from_windows, to_windows
from hitsr.optimized.streaming.bands import add_in_bands, bands, in_bands
from hitsr.optimized.streaming.executor import streams
from hitsr.optimized.streaming.windows import add_windows, gather_windows
from hitsr.restore.inference import size_in_bytes

BANDED = [name for name in TRANSFORMERS if name != "ELAN-Light"]


@pytest.mark.parametrize("name", BANDED)
@pytest.mark.parametrize("size", [(70, 41), (33, 130)])
@pytest.mark.parametrize("pixels", [1, 300, 2000])
def test_bands_do_not_change_the_result(name, size, pixels, monkeypatch):
    monkeypatch.setattr("hitsr.optimized.streaming.network.BAND", pixels)
    plain, fast = both(name)
    x = torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(fast(x), plain(x), rtol=0, atol=1e-5)


@pytest.mark.parametrize("halo", [0, 1, 2])
@pytest.mark.parametrize("pixels", [1, 40, 10_000])
@pytest.mark.parametrize("pad", [1, 8])
def test_bands_are_the_padded_map_although_it_is_overwritten(halo, pixels, pad):
    x = torch.rand(1, 13, 11, 2)
    padded = pad_to_multiple(x, pad).clone()
    for band in bands(x, halo, pixels, pad=pad):
        top, bottom = max(0, band.top - halo), min(padded.shape[1], band.bottom + halo)
        assert torch.equal(band.rows, padded[:, top:bottom])
        assert torch.equal(band.inner(band.rows), padded[:, band.top : band.bottom])
        x[:, band.top : band.bottom] = -1
    assert (x == -1).all()


def test_a_convolution_in_bands():
    conv = torch.nn.Conv2d(3, 3, 5, padding=2)

    def convolve(rows):
        return conv(rows.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)

    x = torch.rand(1, 17, 9, 3)
    with torch.no_grad():
        whole = convolve(x)
        torch.testing.assert_close(in_bands(x, convolve, 2, 9), whole)
        expected = x + whole
        add_in_bands(x, convolve, 2, 9)
    torch.testing.assert_close(x, expected)


@pytest.mark.parametrize("shift", [0, 2])
def test_windows_are_gathered_and_added_where_a_roll_would_put_them(shift):
    x = torch.rand(1, 12, 8, 3)
    rolled = x.roll((-shift, -shift), (1, 2))
    gathered = [gather_windows(x, top, bottom, 4, shift) for top, bottom in ((0, 4), (4, 12))]
    assert torch.equal(torch.cat(gathered), to_windows(rolled, 4))
    update = torch.rand(6, 16, 3)
    expected = x + from_windows(update, 4, 12, 8).roll((shift, shift), (1, 2))
    add_windows(x, update[:2], 0, 4, 4, shift)
    add_windows(x, update[2:], 4, 12, 4, shift)
    torch.testing.assert_close(x, expected)


PEAK = """
import sys, torch, hitsr
from hitsr.measure.memory import peak_of
name, budget = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(1)
model, x = hitsr.build(name, 2).eval(), torch.rand(1, 3, 120, 160)
with torch.no_grad():
    model(x[..., :8, :8])
    print(peak_of(lambda: model(x, max_memory=budget), x.device) * 2**20)
"""


@pytest.mark.parametrize("name", ["HiT-SRF", "SwinIR-NG"])
def test_peak_stays_within_the_budget(name):
    model, x = hitsr.build(name, 2).eval(), torch.rand(1, 3, 120, 160)
    with torch.no_grad(), pytest.raises(OptionError, match="at least") as refused:
        model(x, max_memory=1)
    least = int(str(refused.value).split("at least ")[1].split(" MiB")[0].replace(",", "")) * 2**20
    done = subprocess.run([sys.executable, "-c", PEAK, name, str(least)], capture_output=True, text=True, check=True)
    assert 0 < float(done.stdout) <= least, f"{float(done.stdout) / 2**20:.0f} MiB of {least / 2**20:.0f}"


class Doubled(NGramContext):
    """A context that does something else than the one that bands know."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 2 * super().forward(x)


@pytest.mark.parametrize("name", ["HiT-SNG", "SwinIR-NG"])
def test_a_context_of_another_class_is_not_worked_through_in_bands(name):
    model, x = small(name, formulation="plain"), torch.rand(1, 3, 20, 28)
    for part in model.modules():
        if type(part) is NGramContext:
            part.__class__ = Doubled
    with torch.no_grad():
        expected = model(x)
        found = hitsr.optimize(model)(x)
    assert not streams(model)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_budgets_that_do_not_apply_are_refused():
    x = torch.rand(1, 3, 16, 16)
    with pytest.raises(OptionError, match="no_grad"):
        small("HiT-SIR")(x, max_memory=2**30)
    image = np.zeros((16, 16, 3), np.uint8)
    for model in (small("HiT-SIR", formulation="plain"), small("ELAN-Light")):
        with pytest.raises(OptionError, match="max_memory: .* does not work in parts.*tiles"):
            hitsr.upscale(model, image, max_memory="1GiB")


@pytest.mark.parametrize(
    ("size", "expected"), [("2GiB", 2**31), ("500 MB", 5 * 10**8), (1024, 1024), ("1.5 kib", 1536), ("64", 64)]
)
def test_sizes(size, expected):
    assert size_in_bytes(size) == expected


@pytest.mark.parametrize("size", ["", "2 GB more", "GiB", "-1", "2 parsecs"])
def test_wrong_sizes(size):
    with pytest.raises(OptionError, match="max_memory"):
        size_in_bytes(size)


def test_tiles_agree_where_nothing_beyond_their_overlap_matters():
    """A network of 3x3 convolutions sees less far than the overlap, so its tiles are exact but for rounding."""
    model = small("SwinIR-Light", formulation="plain")
    for group in model.groups:
        group.layers = torch.nn.Sequential()
    image = np.random.default_rng(0).integers(0, 256, (70, 101, 3), dtype=np.uint8)
    tiled, whole = (hitsr.upscale(model, image, tile=tile).astype(int) for tile in (32, None))
    assert np.abs(tiled - whole).max() <= 1 and (tiled != whole).mean() < 1e-3
    with pytest.raises(OptionError, match="tile"):
        hitsr.upscale(model, image, tile=8)


def test_precision_changes_little_and_is_undone():
    model = small("HiT-SIR")
    image = np.random.default_rng(0).integers(0, 256, (24, 20, 3), dtype=np.uint8)
    exact = hitsr.upscale(model, image)
    coarse = hitsr.upscale(model, image, precision="bfloat16")
    assert np.array_equal(hitsr.upscale(model, image), exact)
    assert not np.array_equal(coarse, exact)
    assert np.abs(coarse.astype(int) - exact).mean() < 3
    with pytest.raises(OptionError, match="CUDA"):
        hitsr.upscale(model, image, precision="tf32")
    with pytest.raises(OptionError, match="float32"):
        hitsr.upscale(model, image, precision="half")
