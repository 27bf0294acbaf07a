"""Reading images: what is converted, what is refused by name."""

import numpy as np
import pytest
from PIL import Image

from hitsr.data.images import read_rgb, write_png
from hitsr.errors import ImageError

RGB = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)


def test_round_trip(tmp_path):
    write_png(tmp_path / "a.png", RGB)
    assert np.array_equal(read_rgb(tmp_path / "a.png"), RGB)


def test_gray_palette_and_opaque_images_become_rgb(tmp_path):
    gray = RGB[..., 0]
    Image.fromarray(gray).save(tmp_path / "gray.png")
    assert np.array_equal(read_rgb(tmp_path / "gray.png"), np.repeat(gray[..., None], 3, axis=2))
    palette = Image.fromarray(RGB).quantize(16)
    palette.save(tmp_path / "palette.png")
    assert np.array_equal(read_rgb(tmp_path / "palette.png"), np.array(palette.convert("RGB")))
    Image.fromarray(np.dstack([RGB, np.full((9, 7), 255, np.uint8)])).save(tmp_path / "opaque.png")
    assert np.array_equal(read_rgb(tmp_path / "opaque.png"), RGB)


def test_deep_and_transparent_images_are_refused_by_name(tmp_path):
    Image.fromarray(RGB[..., 0].astype(np.uint16) * 256).save(tmp_path / "deep.png")
    Image.fromarray(RGB[..., 0].astype(np.uint16) * 256).save(tmp_path / "deep.tif")
    Image.fromarray(np.dstack([RGB, RGB[..., :1]])).save(tmp_path / "clear.png")
    for name, word in [("deep.png", "8 bits"), ("deep.tif", "8 bits"), ("clear.png", "transparent")]:
        with pytest.raises(ImageError, match=word) as caught:
            read_rgb(tmp_path / name)
        assert name in str(caught.value)


def test_broken_files_are_refused_by_name(tmp_path):
    write_png(tmp_path / "whole.png", RGB)
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:-60])
    (tmp_path / "text.png").write_text("not an image")
    for name in ("cut.png", "text.png", "absent.png"):
        with pytest.raises(ImageError, match=name):
            read_rgb(tmp_path / name)
