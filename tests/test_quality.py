"""PSNR and SSIM against closed forms, another implementation, and BasicSR's figures."""

import json
import math

import numpy as np
import pytest
from scipy.ndimage import correlate1d

from hitsr.data.degradation import downscale, upscale_bicubic
from hitsr.data.images import read_rgb
from hitsr.errors import ImageError
from hitsr.measure.quality import PSNR_LIMIT, luma, score


def gray(value: int, size: int = 32) -> np.ndarray:
    return np.full((size, size, 3), value, np.uint8)


def test_psnr_in_closed_form():
    expected = 20 * math.log10(255 / (10 * 219 / 255))
    assert score(gray(110), gray(100), 2).psnr == pytest.approx(expected, abs=1e-5)
    assert score(gray(110), gray(100), 2, "rgb").psnr == pytest.approx(20 * math.log10(25.5), abs=1e-9)
    assert score(gray(9), gray(9), 2).psnr == PSNR_LIMIT


def test_luma_range():
    assert luma(gray(0))[0, 0] == pytest.approx(16, abs=1e-5)
    assert luma(gray(255))[0, 0] == pytest.approx(235, abs=1e-4)


def test_border_is_not_scored(random):
    image = random.integers(0, 256, (42, 42, 3), dtype=np.uint8)
    other = image.copy()
    other[:3] = other[:, -3:] = 0
    assert score(other, image, 3).psnr == PSNR_LIMIT
    assert score(other, image, 2).psnr < 40


def test_ssim_by_its_formula(random):
    """Gaussian 11x11, sigma 1.5, valid windows only, K = (0.01, 0.03)."""
    a, b = random.integers(0, 256, (2, 40, 38, 3), dtype=np.uint8)
    x, y = (luma(image[2:-2, 2:-2]) for image in (a, b))
    window = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window /= window.sum()

    def mean(z):
        return correlate1d(correlate1d(z, window, axis=0), window, axis=1)[5:-5, 5:-5]

    mx, my = mean(x), mean(y)
    vx, vy, vxy = mean(x * x) - mx**2, mean(y * y) - my**2, mean(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    ssim = ((2 * mx * my + c1) * (2 * vxy + c2)) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    assert score(a, b, 2).ssim == pytest.approx(ssim.mean(), abs=1e-9)


def test_sizes():
    with pytest.raises(ImageError, match="another scale"):
        score(gray(1, 32), gray(1, 48), 2)
    with pytest.raises(ImageError, match="too small to score"):
        score(gray(1, 12), gray(1, 12), 2)
    assert score(gray(1, 32), gray(1, 33), 2).psnr == PSNR_LIMIT


def test_scores_of_basicsr(shared):
    folder = shared / "golden"
    expected = json.loads((folder / "metrics_golden.json").read_text())["synthetic"]["crop"]
    images = [read_rgb(folder / "metrics_png" / "synthetic" / f"{name}.png") for name in ("sr", "hr")]
    for scale in set(expected) & {"2", "3", "4"}:
        height, width = (size // int(scale) * int(scale) for size in images[0].shape[:2])
        assert images[0].shape[:2] == (height, width), "cut by the protocol, not by BasicSR"
        found = score(*images, int(scale))
        assert found.psnr == pytest.approx(expected[scale]["psnr_y"], abs=1e-8)
        assert found.ssim == pytest.approx(expected[scale]["ssim_y"], abs=1e-8)


@pytest.mark.parametrize(
    ("scale", "psnr", "ssim"), [(2, 33.6780, 0.93042), (3, 30.4043, 0.86895), (4, 28.4305, 0.81126)]
)
def test_bicubic_row_of_set5(shared, scale, psnr, ssim):
    """BasicSR's row interpolates in float; ours rounds between the passes as MATLAB does on uint8: 0.005 dB less."""
    folder = shared / "golden" / "metrics_png" / "HR"
    images = [read_rgb(path) for path in sorted(folder.glob("*.png"))]
    scores = [score(upscale_bicubic(downscale(image, scale), scale), image, scale) for image in images]
    assert np.mean([s.psnr for s in scores]) == pytest.approx(psnr, abs=0.006)
    assert np.mean([s.ssim for s in scores]) == pytest.approx(ssim, abs=2e-4)
