"""The row that papers print for bicubic interpolation comes out by its own protocol, to all digits that are known."""

import numpy as np
import pytest
from PIL import Image

from hitsr.analysis import published
from hitsr.data.degradation import crop_to_multiple
from hitsr.data.images import read_rgb
from hitsr.measure.printed_bicubic import QUANTITIES, is_gray, scores


@pytest.mark.parametrize(
    ("scale", "psnr", "ssim"), [(2, 33.6614, 0.92988), (3, 30.3922, 0.86821), (4, 28.4207, 0.81037)]
)
def test_set5(shared, scale, psnr, ssim):
    files = sorted((shared / "data" / "Set5").glob("*.png"))
    found = [scores(crop_to_multiple(read_rgb(path), scale), scale) for path in files]
    # MATLAB's doubles, and Pillow's floats
    assert np.mean([each["psnr"] for each in found]) == pytest.approx(psnr, abs=5e-4)
    assert np.mean([each["ssim"] for each in found]) == pytest.approx(ssim, abs=5e-5)


def test_a_gray_file_is_its_own_luma(tmp_path, random):
    """Set14's `bridge` is gray, its `man` is gray stored as RGB: papers scored them so."""
    levels = random.integers(0, 256, (40, 44), np.uint8)
    for name, mode in (("bridge", "L"), ("man", "RGB")):
        Image.fromarray(levels).convert(mode).save(tmp_path / f"{name}.png")
    assert (is_gray(tmp_path / "bridge.png"), is_gray(tmp_path / "man.png")) == (True, False)
    image = read_rgb(tmp_path / "bridge.png")
    assert scores(image, 2, gray=True)["psnr"] < scores(image, 2)["psnr"], "Y of RGB has a smaller range"


def test_tables_look_for_what_is_written():
    assert {metric: name for metric, (name, _) in QUANTITIES.items()} == published.BICUBIC
