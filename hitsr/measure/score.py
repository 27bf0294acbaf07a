"""Score the super-resolved images of one method: every metric of the run, for every image."""

import math
from pathlib import Path

import numpy as np

from hitsr.errors import ImageError, ResultError, leave_out
from hitsr.measure.metrics import Metric, compute_of, declared_metrics
from hitsr.measure.quality import comparable, fingerprint
from hitsr.progress import progress
from hitsr.restore.restored import open_restored
from hitsr.results.provenance import Stopwatch
from hitsr.results.records import as_json, write_record


def run(
    images_file: Path,
    data: Path,
    output: Path,
    origin: dict,
    metrics: tuple[str, ...] = ("psnr", "ssim"),
    plugins: tuple[str, ...] = (),
) -> None:
    """Write the quality record of the images that `images_file` (made by `hitsr restore`) lists.

    Beside the scores it has a fingerprint of every high-resolution image as it was scored, and the weights' checksum.

    Args:
        data: folder of the prepared data sets.
        origin: what decided the result, as `Step.origin` gives it.
        metrics: names of what is computed.
        plugins: folders of further metrics.

    Raises:
        ResultError: an image is missing, damaged, or was made of another one than the data set has now.
        ImageError: an image is of another size than the high-resolution one asks for, or too small for a metric.
    """
    watch = Stopwatch()
    declared = declared_metrics(plugins)
    computed = [(declared[name].declaration, compute_of(declared[name])) for name in metrics]
    restored = open_restored(images_file)
    rows, prints = [], {}
    pairs = progress(
        restored.pairs(data), total=len(restored.images), desc=f"{restored.method} x{restored.scale}", unit="image"
    )
    for dataset, name, result, high in pairs:
        where = {"dataset": dataset, "image": name}
        try:
            reference = comparable(result, high, restored.scale)
            prints[name] = fingerprint(reference)
            for metric, compute in computed:
                rows.append({**where, **_row(metric, compute(result, reference, restored.scale))})
        except ImageError as error:
            raise ImageError(f"{dataset}/{name}: {error}; {leave_out(name, dataset)}") from error
    identity = {"method": restored.method, "scale": restored.scale, "seed": restored.seed, "dataset": restored.dataset}
    provenance = watch.provenance(**origin, seed=restored.seed)
    # what was scored, and with which weights: a label and a path say neither
    known = {"fingerprints": prints, "weights": restored.weights}
    write_record(output, {"kind": "quality", **identity, **known, "rows": rows, "provenance": provenance})


def _row(metric: Metric, value: float) -> dict[str, object]:
    """A value as records hold it: JSON has no infinity, so that is text.

    Raises:
        ResultError: the metric gave no number.
    """
    number = float(np.float64(value))
    if math.isnan(number) or number == -math.inf:
        raise ResultError(f"metric {metric.name!r} gave {number}; correct its file")
    found = {"quantity": metric.name, "unit": metric.unit, "protocol": metric.protocol}
    return {**found, "value": as_json(number)}
