"""Score the super-resolved images of one method: PSNR and SSIM of every image."""

from pathlib import Path

from hitsr.errors import ImageError, leave_out
from hitsr.measure.quality import score
from hitsr.progress import progress
from hitsr.restore.restored import open_restored
from hitsr.results.provenance import Stopwatch
from hitsr.results.records import write_record

PROTOCOL = "paper"


def run(images_file: Path, data: Path, output: Path, origin: dict) -> None:
    """Write the quality record of the images that `images_file` (made by `hitsr restore`) lists.

    Args:
        data: folder of the prepared data sets.
        origin: what decided the result, as `Step.origin` gives it.

    Raises:
        ResultError: an image is missing, damaged, or was made of another one than the data set has now.
        ImageError: an image is of another size than the high-resolution one asks for.
    """
    watch = Stopwatch()
    restored = open_restored(images_file)
    rows = []
    pairs = progress(
        restored.pairs(data), total=len(restored.images), desc=f"{restored.method} x{restored.scale}", unit="image"
    )
    for dataset, name, result, high in pairs:
        try:
            found = score(result, high, restored.scale, PROTOCOL)
        except ImageError as error:
            raise ImageError(f"{dataset}/{name}: {error}; {leave_out(name, dataset)}") from error
        where = {"dataset": dataset, "image": name, "protocol": PROTOCOL}
        rows.append({**where, "quantity": "psnr", "unit": "dB", "value": found.psnr})
        rows.append({**where, "quantity": "ssim", "unit": "", "value": found.ssim})
    identity = {"method": restored.method, "scale": restored.scale, "seed": restored.seed, "dataset": restored.dataset}
    provenance = watch.provenance(**origin, seed=restored.seed)
    write_record(output, {"kind": "quality", **identity, "rows": rows, "provenance": provenance})
