"""Low-resolution images against MATLAB's: published files, and its algorithm written out."""

import numpy as np
import pytest

from hitsr.data.degradation import crop_to_multiple, downscale, interpolate, upscale_bicubic
from hitsr.data.images import read_rgb
from hitsr.errors import ImageError


def cubic(x):
    x = np.abs(x)
    return np.where(x <= 1, 1.5 * x**3 - 2.5 * x**2 + 1, np.where(x < 2, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2, 0))


def linear(x):
    return np.maximum(0, 1 - np.abs(x))


def lanczos(x):
    return np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0)


def matlab_resize(image, scale, kernel=cubic, support=2):
    """imresize of a uint8 image by the factor `scale`: height first, each pass rounded half up and clipped."""
    for axis in (0, 1):
        size = image.shape[axis]
        out = round(size * scale)
        width = min(scale, 1)
        centre = (np.arange(out) + 0.5) / scale - 0.5
        taps = np.arange(int(np.ceil(2 * support / width)) + 2)
        index = np.floor(centre - support / width)[:, None].astype(int) + taps
        weight = width * kernel(width * (centre[:, None] - index))
        weight /= weight.sum(1, keepdims=True)
        index = np.where((index // size) % 2 == 0, index % size, size - 1 - index % size)
        rows = np.moveaxis(image.astype(float), axis, 0)[index]
        image = np.moveaxis(np.einsum("ok,ok...->o...", weight, rows), 0, axis)
        image = np.clip(np.floor(image + 0.5), 0, 255)
    return image.astype(np.uint8)


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("size", [(24, 36), (31, 50), (5, 9)])
def test_downscale_is_imresize(scale, size, random):
    image = random.integers(0, 256, (*size, 3), dtype=np.uint8)
    expected = matlab_resize(crop_to_multiple(image, scale), 1 / scale)
    assert np.array_equal(downscale(image, scale), expected)


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("size", [(10, 14), (1, 1), (2, 7)])
def test_upscale_is_imresize(scale, size, random):
    image = random.integers(0, 256, (*size, 3), dtype=np.uint8)
    assert np.array_equal(upscale_bicubic(image, scale), matlab_resize(image, scale))


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize(("kind", "kernel", "support"), [("bilinear", linear, 1), ("lanczos", lanczos, 3)])
def test_other_interpolations(kind, kernel, support, scale, random):
    """The fixed-point weights of Pillow may round another way where a value lies half-way between two."""
    image = random.integers(0, 256, (20, 31, 3), dtype=np.uint8)
    expected = matlab_resize(image, scale, kernel, support).astype(int)
    found = interpolate(image, scale, kind).astype(int)
    assert np.abs(found - expected).max() <= 1 and (found != expected).mean() < 0.01
    assert np.array_equal(interpolate(image, scale, "nearest"), image.repeat(scale, 0).repeat(scale, 1))
    assert np.array_equal(interpolate(image, scale, "bicubic"), upscale_bicubic(image, scale))


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_published_low_resolution_files(shared, scale):
    folder = shared / "golden" / "metrics_png"
    names = [path.stem for path in sorted((folder / "HR").glob("*.png"))]
    assert len(names) == 5
    for name in names:
        published = read_rgb(folder / f"LR_X{scale}" / f"{name}x{scale}.png")
        assert np.array_equal(downscale(read_rgb(folder / "HR" / f"{name}.png"), scale), published), name


def test_too_small():
    with pytest.raises(ImageError, match="3x1 pixels; x2 needs at least 2 pixels in width and in height"):
        downscale(np.zeros((1, 3, 3), np.uint8), 2)
