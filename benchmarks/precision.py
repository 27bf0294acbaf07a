"""What a number format costs in quality and saves in time: HiT-SRF x4 with the official weights on real images.

PSNR by the protocol `paper`; low-resolution images by the suite's bicubic degradation. The formats take turns on every
image; the time ratio is the median over the images of a set.

  precision.py                                   reads the folder that HITSR_SHARED names, or ../shared
  precision.py --weights W.pth --data FOLDER     FOLDER holds Set5/, Set14/ and BSD100/
  precision.py --images 20 --threads 2           the first 20 images of each set, two threads
"""

import argparse
import hashlib
import os
import statistics
from functools import partial
from pathlib import Path

import checkout
import torch
from measured import markdown

import hitsr
from hitsr.checkpoints.loading import load_any
from hitsr.data.degradation import downscale
from hitsr.data.folders import list_images
from hitsr.data.images import read_rgb
from hitsr.devices import choose_device
from hitsr.measure.quality import psnr_y
from hitsr.measure.time.timer import milliseconds
from hitsr.networks.registry import network_module
from hitsr.precision import PRECISIONS
from hitsr.progress import progress
from hitsr.results.fingerprints import ROOT, source_digest
from hitsr.results.provenance import Stopwatch, digest
from hitsr.results.records import write_record

NETWORK, SCALE = "HiT-SRF", 4
TEST_SETS = {"Set5": "Set5", "Set14": "Set14", "B100": "BSD100"}
"""Name in the paper, and folder."""


def precisions(device: torch.device) -> list[str]:
    """The number formats of a device, the reference first."""
    return [name for name in PRECISIONS if name != "tf32" or device.type == "cuda"]


def measure(weights: Path, data: Path, images: int | None, device: torch.device) -> list[dict]:
    """PSNR (dB) and time (ms) of every image in every precision, the precisions one after the other per image."""
    # what a network keeps between passes depends on the precision, so each has a network of its own
    models = {name: load_any(weights, NETWORK, SCALE, {}).to(device) for name in precisions(device)}
    work = [(test_set, path) for test_set, folder in TEST_SETS.items() for path in list_images(data / folder)[:images]]
    rows = []
    for number, (test_set, path) in enumerate(progress(work, desc=f"{NETWORK} x{SCALE}", unit="image")):
        high = read_rgb(path)
        low = downscale(high, SCALE)
        if not number:
            for name, model in models.items():
                hitsr.upscale(model, low, precision=name)
        # in turn from the other end, so that no precision always comes after the same one
        for name in list(models)[:: -1 if number % 2 else 1]:
            work, found = partial(hitsr.upscale, models[name], low, precision=name), []
            elapsed = milliseconds(lambda work=work, found=found: found.append(work()), device)
            where = {"dataset": test_set, "image": path.stem, "precision": name}
            rows.append({**where, "quantity": "psnr", "unit": "dB", "value": psnr_y(found[0], high, SCALE)})
            rows.append({**where, "quantity": "time", "unit": "ms", "value": elapsed})
    return rows


def table(rows: list[dict]) -> str:
    """Markdown: one row per precision and test set, against float32."""
    values = {(row["precision"], row["quantity"], row["dataset"], row["image"]): row["value"] for row in rows}
    headers = ["Precision", "Test set", "Images", "PSNR (dB)", "mean change", "worst change", "time of float32 / time"]
    lines = []
    for precision in dict.fromkeys(row["precision"] for row in rows):
        for test_set in dict.fromkeys(row["dataset"] for row in rows):
            names = dict.fromkeys(row["image"] for row in rows if row["dataset"] == test_set)
            psnr, reference = (
                [values[which, "psnr", test_set, name] for name in names] for which in (precision, "float32")
            )
            start = [precision, test_set, str(len(names)), f"{statistics.mean(psnr):.4f}"]
            if precision == "float32":
                lines.append([*start, "–", "–", "1"])
                continue
            changes = [a - b for a, b in zip(psnr, reference, strict=True)]
            ratio = statistics.median(
                values["float32", "time", test_set, name] / values[precision, "time", test_set, name] for name in names
            )
            worst = max(changes, key=abs)
            lines.append([*start, f"{statistics.mean(changes):+.4f}", f"{worst:+.4f}", f"{ratio:.2f}×"])
    return markdown(headers, lines, texts=2)


def main() -> None:
    shared = ROOT / os.environ.get("HITSR_SHARED", "../shared")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    weights = shared / "weights" / "HiT-SRF_x4_official.pth"
    help_shared = "(default: in the folder that HITSR_SHARED names, or ../shared)"
    parser.add_argument("--weights", type=Path, default=weights, help=f"official HiT-SRF x4 weights {help_shared}")
    parser.add_argument(
        "--data", type=Path, default=shared / "data", help=f"folder with Set5, Set14 and BSD100 {help_shared}"
    )
    parser.add_argument("--images", type=int, help="only the first so many images of each set (default: all)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--output", type=Path, default=Path("results/benchmarks/precision.json"))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    watch = Stopwatch()
    device = choose_device(arguments.device)
    rows = measure(arguments.weights, arguments.data, arguments.images, device)
    settings = {"images": arguments.images, "threads": arguments.threads, "data": str(arguments.data)}
    source = source_digest("hitsr.restore.inference", "hitsr.measure.quality", network_module(NETWORK))
    digests = {"config_digest": digest(settings), "source_digest": source}
    record = {
        "kind": "benchmark",
        "method": NETWORK,
        "scale": SCALE,
        "weights": {
            "file": arguments.weights.name,
            "sha256": hashlib.sha256(arguments.weights.read_bytes()).hexdigest(),
        },
        "rows": rows,
        "provenance": watch.provenance(**digests, device=device.type),
    }
    write_record(arguments.output, record)
    print(table(rows))
    print(f"written: {arguments.output}")


if __name__ == "__main__":
    checkout.run(main)
