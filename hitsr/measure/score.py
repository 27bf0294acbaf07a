"""Score the super-resolved images of one method: PSNR and SSIM of every image."""

from pathlib import Path

from hitsr.atomic import write_json
from hitsr.data.images import read_rgb
from hitsr.data.layout import hr_path
from hitsr.errors import ImageError
from hitsr.measure.quality import score
from hitsr.progress import progress
from hitsr.results.provenance import Stopwatch
from hitsr.results.records import read_json

PROTOCOL = "paper"


def run(images_file: Path, data: Path, output: Path, digests: dict[str, str]) -> None:
    """Write the quality record of the images that `images_file` (made by `hitsr restore`) lists.

    Raises:
        ImageError: an image is missing or of another size than the high-resolution one asks for.
    """
    watch = Stopwatch()
    record = read_json(images_file)
    rows = []
    for entry in progress(record["images"], desc=f"{record['method']} x{record['scale']}", unit="image"):
        dataset, name = entry["dataset"], entry["image"]
        result = read_rgb(images_file.parent / dataset / f"{name}.png")
        try:
            found = score(result, read_rgb(hr_path(data / dataset, name)), record["scale"], PROTOCOL)
        except ImageError as error:
            raise ImageError(f"{dataset}/{name}: {error}; leave it out with `exclude: [{name}]`") from error
        where = {"dataset": dataset, "image": name, "variant": PROTOCOL}
        rows.append({**where, "quantity": "psnr", "unit": "dB", "value": found.psnr})
        rows.append({**where, "quantity": "ssim", "unit": "", "value": found.ssim})
    identity = {key: record[key] for key in ("method", "scale", "seed")}
    provenance = watch.provenance(**digests, seed=record["seed"])
    write_json(output, {"kind": "quality", **identity, "rows": rows, "provenance": provenance})
