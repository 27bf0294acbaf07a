"""Exported networks that are kept for the next time: made once for these weights, by this code and these packages.

FOLDER/NETWORK_xSCALE_DIGEST/    the files of one exported network, and the record of what they are, `exported.json`
"""

import inspect
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import torch
from torch import nn

from hitsr.errors import ResultError
from hitsr.export.onnx_graph import facts
from hitsr.export.run import SUFFIXES, export
from hitsr.export.runtimes import LOADERS, Run
from hitsr.measure.memory import MIB, peak_of
from hitsr.networks.identity import identity
from hitsr.networks.loading import PLUGINS, module_name
from hitsr.results.fingerprints import source_digest
from hitsr.results.provenance import digest
from hitsr.results.records import hash_of, read_record, write_record

KINDS = {"onnxruntime": "onnx", "openvino": "openvino"}
"""Files that each runtime is given."""
RECORD = "exported.json"
EXPORTERS = ("torch", "onnx", "onnx-ir", "onnxscript")
"""Packages that decide what is in a file."""
LARGEST_WINDOW = 64
"""Side of the largest window of published networks: maps are padded to whole windows."""
MEASURED = 2 * LARGEST_WINDOW
"""Side of the image whose pass says what memory a pixel takes."""


@dataclass(frozen=True)
class Kept:
    """A network that was exported, of images of any size.

    Attributes:
        runtime: that it is for.
        path: what the runtime reads.
        pixel: bytes that a pass takes for each pixel of the padded low-resolution image, measured at export.
    """

    runtime: str
    path: Path
    pixel: float

    def load(self, threads: int) -> Run:
        """The network in its runtime, on a CPU."""
        return LOADERS[self.runtime](self.path, threads)


def folder_of_exports() -> Path:
    """Where exported networks are kept: they may be deleted at any time, and are made again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "hitsr" / "exported"


def exported(model: nn.Module, runtime: str, say: Callable[[str], None]) -> Kept:
    """A network as a file of `runtime`: the one that was kept, or else made now, and checked against PyTorch.

    Args:
        model: made by `hitsr.build` or `hitsr.load`, on a CPU.
        runtime: of `KINDS`, whose packages are installed.
        say: is told what takes long, and what came of it.

    Raises:
        ResultError: it cannot be exported, or does not give what PyTorch gives; nothing is kept.
    """
    made, basis = identity(model), _basis(model, runtime)
    name = re.sub(r"\W+", "-", made.name)
    folder = folder_of_exports() / f"{name}_x{made.scale}_{digest(basis)}"
    path = folder / f"network{SUFFIXES[KINDS[runtime]]}"
    try:
        record = _verified(folder, basis)
    except ResultError:
        work = f"exporting {made.name} x{made.scale} for {runtime}"
        say(f"{work}, once for these weights (a transformer takes half a minute)")
        file = export(model, path, KINDS[runtime])
        pixel = _bytes_of_a_pixel(Kept(runtime, path, 0.0))
        files = {each.name: hash_of(each.read_bytes()) for each in file.files}
        record = {"kind": "exported network", "basis": basis, "files": files, "bytes_of_a_pixel": pixel}
        write_record(folder / RECORD, record)
        difference = f"; differs from PyTorch by {file.checked.difference:.1e} of white" if file.checked else ""
        say(f"kept as {path} ({file.bytes / MIB:.1f} MiB{difference})")
    return Kept(runtime, path, record["bytes_of_a_pixel"])


def _verified(folder: Path, basis: dict) -> dict:
    """The record of an exported network, if all is as it was written.

    Raises:
        ResultError: it is missing, damaged, or of something else.
    """
    record = read_record(folder / RECORD)
    files = {name: (folder / name, sha256) for name, sha256 in record["files"].items()}
    sound = all(path.is_file() and hash_of(path.read_bytes()) == sha256 for path, sha256 in files.values())
    if record["basis"] != basis or not sound:
        raise ResultError(f"{folder}: was changed or damaged since it was written")
    return record


def _basis(model: nn.Module, runtime: str) -> dict:
    """All that decides what an exported network is: weights, options, source and packages."""
    ours, others = _homes(model)
    packages = (*EXPORTERS, runtime, *others)
    return {
        "facts": facts(model, None),
        "runtime": runtime,
        "code": source_digest("hitsr.export.run", "hitsr.export.kept", *ours),
        "packages": {name: found for name in sorted(set(packages)) if (found := _version(name))},
    }


def _homes(model: nn.Module) -> tuple[list[str], list[str]]:
    """Modules of this suite, and files of plug-ins, that define the layers of a network; and packages that do."""
    ours: set[str] = set()
    others: set[str] = set()
    for kind in {type(module) for module in model.modules()}:
        module = inspect.getmodule(kind)
        file = getattr(module, "__file__", None)
        package = kind.__module__.split(".")[0]
        if file is not None and package in ("hitsr", PLUGINS):
            ours.add(module_name(Path(file)) or file)
        else:
            others.add(package)
    return sorted(ours), sorted(others)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _bytes_of_a_pixel(kept: Kept) -> float:
    """What a first pass takes, by the pixels of its image."""
    run, image = kept.load(torch.get_num_threads()), np.zeros((1, 3, MEASURED, MEASURED), np.float32)
    return peak_of(lambda: run(image), torch.device("cpu")) * MIB / MEASURED**2
