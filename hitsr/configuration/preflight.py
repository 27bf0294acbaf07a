"""Before the first job: everything that a run will need is looked at, so that a typo costs a second and not an hour.

Networks are built (a user's own are run too), given weights loaded, citations looked up, headers of images read, places
of crops and patches compared with them. Unlike the rest of this package, it imports PyTorch.
"""

import json
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from hitsr.configuration.ablations import all_methods, scales_of
from hitsr.configuration.checks import where_is
from hitsr.configuration.questions import trained, used_sets
from hitsr.data.decoding import SeveralImagesError, size_of
from hitsr.data.sources import sources
from hitsr.errors import HitsrError, ImageError, leave_out
from hitsr.networks.registry import SPANDREL
from hitsr.schema.types import unknown

SIZE = (20, 17)
"""Height and width of the image that networks are tried with: not square, and no multiple of any window."""


@dataclass
class Findings:
    """What was looked at, and what is wrong.

    Attributes:
        seen: number of things looked at, by what they are.
        wrong: a line for each fault.
    """

    seen: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def add(self, kind: str, faults: Iterator[str | None]) -> None:
        """Count the things that `faults` goes through, and keep what it finds: None where nothing is wrong."""
        for fault in faults:
            self.seen[kind] = self.seen.get(kind, 0) + 1
            if fault is not None and fault not in self.wrong:
                self.wrong.append(fault)

    def __str__(self) -> str:
        return ", ".join(f"{count} {kind}" for kind, count in self.seen.items())


def preflight(config: dict, datasets: Collection[str] | None = None) -> Findings:
    """Look at everything that a complete configuration names.

    Args:
        datasets: data sets to look at; all that the run uses if left out.
    """
    found = Findings()
    images: dict[str, dict[str, tuple[int, int]]] = {}
    found.add("networks built", _networks(config))
    found.add("files of weights loaded", _weights(config))
    found.add("papers looked up", _papers(config))
    chosen = [name for name in used_sets(config) if datasets is None or name in datasets]
    found.add("headers of images read", _images(config, chosen, images))
    found.add("places in images", _places(config, images))
    found.add("sets of ready images", _ready(config, images))
    found.add("devices asked for", _devices(config))
    return found


def _networks(config: dict) -> Iterator[str | None]:
    """Every network with its options at every scale."""
    done = set()
    for name, entry in all_methods(config).items():
        for scale in scales_of(config, name) if entry["network"] not in (None, SPANDREL) else ():
            key = json.dumps([entry["network"], entry["options"], scale])
            if key not in done:
                done.add(key)
                fault = _tried(entry["network"], scale, entry["options"])
                # what is wrong with an option begins with its name
                option = fault is not None and fault.partition(":")[0] in entry["options"]
                yield fault and f"{where_is(config, name)}{'.options.' if option else ': '}{fault}"


def _tried(network: str, scale: int, options: dict) -> str | None:
    """Make a network; a user's own is run too, on a small image of noise."""
    import torch

    from hitsr.networks.registry import build, network_module

    given = {key: value for key, value in options.items() if key != "formulation"}
    try:
        if network_module(network).startswith("hitsr."):
            _build_bare(network, scale, given)
            return None
        model = build(network, scale, **given).eval()
        with torch.no_grad():
            found = model(torch.rand(1, 3, *SIZE) * cast(float, model.image_range))
    except HitsrError as error:
        return str(error)
    except Exception as error:  # whatever somebody's code raises, it does not run with these options
        return f"{network} x{scale} cannot be made and run with these options ({type(error).__name__}: {_line(error)})"
    expected = (1, 3, scale * SIZE[0], scale * SIZE[1])
    if not isinstance(found, torch.Tensor) or tuple(found.shape) != expected:
        shape = tuple(found.shape) if isinstance(found, torch.Tensor) else type(found).__name__
        return f"{network} x{scale} makes {shape} of (1, 3, {SIZE[0]}, {SIZE[1]}); expected {expected}"
    return None if found.isfinite().all() else f"{network} x{scale} makes values of noise that are not finite"


def _build_bare(network: str, scale: int, options: dict) -> None:
    """Make a network without values, which takes less time, where its code can do without."""
    import torch

    from hitsr.networks.registry import build

    try:
        with torch.device("meta"):
            build(network, scale, **options)
    except NotImplementedError:
        build(network, scale, **options)


def _weights(config: dict) -> Iterator[str | None]:
    for name, entry in config["methods"].items():
        for scale in config["scales"] if entry["network"] else ():
            path = entry["weights"].get(str(scale))
            # published ones that are not here yet are checked by the job that gets them
            if path is not None and Path(path).is_file():
                fault = _loaded(entry["network"], path, scale, entry["options"])
                yield fault and f"{where_is(config, name)}.weights.{scale}: {fault}"


def _loaded(network: str, path: str, scale: int, options: dict) -> str | None:
    from hitsr.checkpoints.loading import load_any

    try:
        load_any(path, network, scale, options)
    except HitsrError as error:
        return str(error)
    return None


def _papers(config: dict) -> Iterator[str | None]:
    """Papers of methods and data sets."""
    from hitsr.report.page.references import FILE, library

    cited = {f"config.methods.{name}.cite": entry["cite"] for name, entry in config["methods"].items()}
    cited |= {f"config.datasets.{name}.cite": entry.get("cite") for name, entry in config["datasets"].items()}
    for where, key in cited.items():
        if key is not None:
            known = key in library()
            yield None if known else f"{where}: {unknown('paper', key, library())} ({FILE.name})"


def _images(config: dict, datasets: list[str], sizes: dict[str, dict[str, tuple[int, int]]]) -> Iterator[str | None]:
    """Headers of all images of data sets; `sizes` gets their widths and heights.

    A public data set that is not there yet is downloaded by its job.
    """
    root = Path(config["data_root"])
    for name in datasets:
        entry = config["datasets"][name]
        try:
            chosen = sources(entry, name, root).images
        except ImageError as error:
            if "public" not in entry:
                yield f"config.datasets.{name}: {error}"
            continue
        except HitsrError as error:
            yield str(error)
            continue
        sizes[name] = {}
        for image in chosen:
            try:
                width, height = size_of(image.path)
            except SeveralImagesError as error:
                # a folder may hold animations beside its photographs
                yield None if "folder" in entry and "images" not in entry else f"config.datasets.{name}: {error}"
                continue
            except ImageError as error:
                yield f"config.datasets.{name}: {error}"
                continue
            first, last = (math.floor(part * height) for part in entry.get("rows", (0, 1)))
            sizes[name][image.name] = width, last - first
            yield _too_small(config, name, image.name, image.path, sizes[name][image.name])


def _too_small(config: dict, dataset: str, image: str, path: Path, size: tuple[int, int]) -> str | None:
    """Whether no low-resolution image, or no patch of a training, can be made of an image."""
    for name, entry in all_methods(config).items():
        least = entry["train"]["patch_size"] if dataset == entry["training_set"] and entry["network"] else 1
        for scale in scales_of(config, name):
            if min(size) // scale < least:
                needs = f"patches of {least} pixels at x{scale} ({name}) need" if least > 1 else f"x{scale} needs"
                return (
                    f"{path}: {size[0]}x{size[1]} pixels, but {needs} {least * scale} in width and height; "
                    f"{leave_out(image, dataset)}"
                )
    return None


def _places(config: dict, sizes: dict[str, dict[str, tuple[int, int]]]) -> Iterator[str | None]:
    """Crops and patches: their images are there, and they lie inside."""
    patch, report = config["attribution"]["patch"], config["report"]
    scale = report["crop_scale"] or config["scales"][0]
    places = [(f"config.report.crops.{i}", crop, scale) for i, crop in enumerate(report["crops"])]
    largest = max(config["scales"])
    for i, place in enumerate(config["attribution"]["patches"]):
        places.append((f"config.attribution.patches.{i}", {"width": patch, "height": patch, **place}, largest))
    for where, place, factor in places:
        if place["dataset"] in sizes:
            yield _outside(where, place, factor, sizes[place["dataset"]])


def _outside(where: str, place: dict, scale: int, sizes: dict[str, tuple[int, int]]) -> str | None:
    if place["image"] not in sizes:
        what = f"image of {place['dataset']}"
        return f"{where}.image: {unknown(what, place['image'], sizes)}"
    width, height = (side // scale * scale for side in sizes[place["image"]])
    right, below = place.get("x", 0) + place["width"], place.get("y", 0) + place["height"]
    if right > width or below > height:
        return f"{where}: reaches to ({right}, {below}), but {place['image']} has {width}x{height} pixels at x{scale}"
    return None


def _ready(config: dict, sizes: dict[str, dict[str, tuple[int, int]]]) -> Iterator[str | None]:
    """Ready super-resolved images: one for each image of each test set."""
    from hitsr.restore.patterns import find

    for name, entry in config["methods"].items():
        for dataset in config["test_sets"] if entry["images"] else ():
            for scale in config["scales"] if dataset in sizes else ():
                try:
                    find(entry["images"], dataset, scale, list(sizes[dataset]))
                except HitsrError as error:
                    yield f"config.methods.{name}.images: {error}"
                else:
                    yield None


def _devices(config: dict) -> Iterator[str | None]:
    """Whether CUDA is there, where it is asked for."""
    wanted = {
        f"config.{name}.device": config[name]["device"]
        for name in ("restore", "latency", "attribution", "attention_cost")
    }
    wanted |= {
        f"{where_is(config, name)}.train.device": all_methods(config)[name]["train"]["device"]
        for name in trained(config)
    }
    asking = {where: "use auto or cpu" for where, device in wanted.items() if device == "cuda"}
    if config["restore"]["precision"] == "tf32":
        asking["config.restore.precision"] = "tf32 is a format of CUDA devices, use float32 or bfloat16"
    for where, remedy in asking.items():
        import torch

        yield None if torch.cuda.is_available() else f"{where}: PyTorch finds no CUDA device; {remedy}"


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
