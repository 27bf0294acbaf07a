"""Bicubic interpolation by the protocol of the rows that papers print, which is not that of their networks.

Papers copy the row from MATLAB programs of 2014 to 2016: Y is rounded to whole levels first (a gray file is its own
Y), then reduced and enlarged in floating point without rounding in between, cut to [16, 235] and rounded.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from hitsr.configuration.steps import BicubicSettings
from hitsr.data.degradation import DOWN_MARGIN, UP_MARGIN, crop_to_multiple
from hitsr.data.prepared import open_prepared
from hitsr.data.sources import sources
from hitsr.measure.quality import inner, luma, psnr
from hitsr.measure.similarity import ssim
from hitsr.progress import progress
from hitsr.results.provenance import Stopwatch
from hitsr.results.records import as_json, write_record

LOWEST, HIGHEST = 16, 235
"""Black and white of Y in limited range."""
GRAY = ("1", "L", "LA", "La")
"""Modes of Pillow for gray files."""
PROTOCOL = "printed-bicubic"
QUANTITIES = {"psnr": ("psnr_printed_bicubic", "dB"), "ssim": ("ssim_printed_bicubic", "")}
"""Quantities of the long table, with units, by metric."""


def run(step: BicubicSettings, data: Path, output: Path) -> None:
    """Write the scores of every image of a data set.

    Args:
        data: folder of the prepared data sets.

    Raises:
        ResultError: an image is not the one that its data set lists.
        ImageError: the files that the data set is made from are not there any more.
    """
    watch = Stopwatch()
    root = Path(step.data_root) if step.data_root else None
    files = {item.name: item.path for item in sources(step.entry, step.dataset, root).images}
    prepared, rows = open_prepared(data / step.dataset, step.scale), []
    for name in progress(prepared.names, desc=f"bicubic x{step.scale} {step.dataset}", unit="image"):
        image = crop_to_multiple(prepared.high(name), step.scale)
        for metric, value in scores(image, step.scale, gray=is_gray(files[name])).items():
            quantity, unit = QUANTITIES[metric]
            where = {"dataset": step.dataset, "image": name, "protocol": PROTOCOL}
            rows.append({**where, "quantity": quantity, "unit": unit, "value": as_json(value)})
    identity = {"kind": "bicubic", "method": "Bicubic", "scale": step.scale, "seed": None, "dataset": step.dataset}
    provenance = watch.provenance(**step.origin_of(prepared.record))
    write_record(output, {**identity, "rows": rows, "provenance": provenance})


def is_gray(path: Path) -> bool:
    """Whether a file is stored as gray; one that is stored as RGB of equal values is not."""
    with Image.open(path) as image:
        return image.mode in GRAY


def scores(image: np.ndarray, scale: int, gray: bool = False) -> dict[str, float]:
    """PSNR (dB) and SSIM of bicubic interpolation, by that protocol.

    Args:
        image: high-resolution, uint8 `(H, W, 3)`, cropped to a multiple of the scale.
        gray: whether its file is gray, so that its values are Y themselves.
    """
    y = image[..., 0].astype(np.float64) if gray else np.round(luma(image))
    height, width = y.shape
    low = _resize(y, (height // scale, width // scale), DOWN_MARGIN * scale, DOWN_MARGIN)
    restored = _resize(low, (height, width), UP_MARGIN, UP_MARGIN * scale)
    pair = inner(np.round(np.clip(restored, LOWEST, HIGHEST)), scale), inner(y, scale)
    return {"psnr": psnr(*pair), "ssim": ssim(*pair)}


def _resize(plane: np.ndarray, size: tuple[int, int], pad: int, cut: int) -> np.ndarray:
    """MATLAB's bicubic `imresize` of a plane `(H, W)` to `size` (height, width); nothing is rounded or cut off."""
    padded = Image.fromarray(np.pad(plane.astype(np.float32), pad, mode="symmetric"))
    height, width = size
    resized = padded.resize((width + 2 * cut, height + 2 * cut), Image.Resampling.BICUBIC)
    return np.asarray(resized, np.float64)[cut : cut + height, cut : cut + width]
