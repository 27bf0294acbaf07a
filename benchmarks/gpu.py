"""Time and memory of all networks on a GPU, as published and fast, in every number format, for 1280x720 images.

Per scale and number format all networks run in turn, round after round, so that a GPU that warms up or slows down
favours none. With --compile and --cuda-graphs each network also runs so, in turn with itself as it is. What the output
file holds already is not measured again, so a run that was killed goes on.
"""

import argparse
from pathlib import Path

import torch
from gpu_state import gpu_state
from gpu_tables import tables
from gpu_timing import beside_eager, together

import hitsr
from hitsr.atomic import write_json
from hitsr.devices import choose_device
from hitsr.errors import HitsrError, ResultError
from hitsr.measure.time.rounds import Contestant, Setting
from hitsr.precision import PRECISIONS
from hitsr.progress import progress
from hitsr.results.provenance import Stopwatch
from hitsr.results.records import read_json

FORMULATIONS = ("plain", "fast")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", action="append", choices=hitsr.methods(), help="may be repeated; default: all")
    parser.add_argument("--scale", type=int, nargs="+", default=[2, 3, 4], choices=(2, 3, 4))
    parser.add_argument("--precision", nargs="+", choices=PRECISIONS, help="default: all that the device has")
    parser.add_argument("--image", default="1280x720", metavar="WIDTHxHEIGHT", help="size of the super-resolved image")
    parser.add_argument("--repeats", type=int, default=20, help="timed rounds (default: 20)")
    parser.add_argument("--warm-up", type=int, default=5, help="rounds before them (default: 5)")
    parser.add_argument("--compile", action="store_true", help="also by torch.compile")
    parser.add_argument("--cuda-graphs", action="store_true", help="also replayed from a CUDA graph")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="cpu: to try the script out")
    parser.add_argument("--output", type=Path, default=Path("results/benchmarks/gpu.json"))
    arguments = parser.parse_args()
    try:
        device = choose_device(arguments.device)
        record = opened(arguments.output, conditions(arguments, device))
        measure(record, arguments, device)
    except HitsrError as error:
        parser.exit(1, f"error: {error}\n")
    print(tables(record))
    print(f"\nwritten: {arguments.output}")


def measure(record: dict, arguments: argparse.Namespace, device: torch.device) -> None:
    """Measure what `record` does not hold yet, and write it after every part."""
    watch = Stopwatch()
    contestants = [Contestant(m, m, {}, f) for m in arguments.method or hitsr.methods() for f in FORMULATIONS]
    precisions = arguments.precision or [name for name in PRECISIONS if name != "tf32" or device.type == "cuda"]
    modes = [m for m, asked in (("compile", arguments.compile), ("cuda-graphs", arguments.cuda_graphs)) if asked]
    number = len(record["runs"])

    def add(function, *work) -> None:
        before = gpu_state(device)
        rows = function(*work)
        record["parts"].append({"run": number, "gpu": {"before": before, "after": gpu_state(device)}, "rows": rows})
        # the same run, with its time so far
        record["runs"][number:] = [watch.provenance(config_digest="", source_digest="", device=device.type)]
        write_json(arguments.output, record)

    for scale in arguments.scale:
        setting = Setting(scale, arguments.warm_up, arguments.repeats, torch.get_num_threads(), device.type)
        size = low_resolution(arguments.image, scale)
        for precision in precisions:
            missing = [c for c in contestants if not holds(record, c, scale, precision, "eager")]
            if missing:
                add(together, missing, setting, size, precision)
            for contestant in progress(contestants, desc=f"x{scale} {precision} modes", disable=not modes):
                missing = [mode for mode in modes if not holds(record, contestant, scale, precision, mode)]
                if missing:
                    add(beside_eager, contestant, missing, setting, size, precision)


def low_resolution(image: str, scale: int) -> tuple[int, int]:
    """Width and height of the input: those of the image over the scale, rounded up (427x240 for 1280x720 at x3)."""
    try:
        width, height = (-(-int(side) // scale) for side in image.split("x"))
    except ValueError:
        raise ResultError(f"--image: expected a size such as 1280x720, found {image!r}") from None
    return width, height


def holds(record: dict, contestant: Contestant, scale: int, precision: str, mode: str) -> bool:
    """Whether `record` has the row, be it of a failure."""
    wanted = (contestant.method, contestant.formulation, scale, precision, mode)
    keys = ("method", "formulation", "scale", "precision", "mode")
    return any(tuple(row[key] for key in keys) == wanted for part in record["parts"] for row in part["rows"])


def conditions(arguments: argparse.Namespace, device: torch.device) -> dict:
    """What all rows of one file have in common."""
    state = gpu_state(device)
    return {
        "image": arguments.image,
        "repeats": arguments.repeats,
        "warm_up": arguments.warm_up,
        "device": device.type,
        "gpu": torch.cuda.get_device_name(device) if device.type == "cuda" else None,
        "driver": state["driver_version"],
        "power_limit_w": state["power.limit"],
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version() if device.type == "cuda" else None,
    }


def opened(path: Path, wanted: dict) -> dict:
    """The record to go on with, or a new one.

    Raises:
        ResultError: it was measured under other conditions.
    """
    if not path.exists():
        return {"kind": "benchmark", "conditions": wanted, "runs": [], "parts": []}
    record = read_json(path)
    found = record.get("conditions", {})
    other = [f"{key} {found.get(key)} there, {value} now" for key, value in wanted.items() if found.get(key) != value]
    if other:
        raise ResultError(f"{path}: measured under other conditions ({'; '.join(other)}); give another --output")
    return record


if __name__ == "__main__":
    main()
