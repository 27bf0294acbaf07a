"""Images of a prepared data set decoded once into one array on the disk: training then reads patches, not PNG files.

DATASET/packed/HR.npy, xS.npy      uint8, the pixels of one image after the other; memory-mapped when read
DATASET/packed/HR.json, xS.json    names, sizes, SHA-256 of the array, and of which images it is made; written last
"""

import hashlib
import os
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from torch import Tensor

from hitsr.atomic import replacing
from hitsr.data.contents import Stamp, sha256_of, stamp_of
from hitsr.data.prepared import Prepared, open_prepared
from hitsr.errors import FileError, ResultError, printable
from hitsr.progress import progress
from hitsr.results.records import read_record, write_record


@dataclass(frozen=True, eq=False)
class PackedImages:
    """Images of different sizes in one array.

    Attributes:
        pixels: uint8 `(sum of H W, 3)`, memory-mapped or on a device.
        heights, widths: pixels of each image.
        starts: row of `pixels` where each image begins.
    """

    names: tuple[str, ...]
    pixels: Tensor
    heights: np.ndarray
    widths: np.ndarray
    starts: np.ndarray

    def to(self, device: torch.device) -> "PackedImages":
        """The same images, whole in the memory of a device."""
        return replace(self, pixels=self.pixels.to(device))


def pack(folder: Path, scale: int, part: str) -> None:
    """Decode one part of the data set in `folder` into `folder/packed`.

    Args:
        scale: whose list of images is read, `xS.json`.
        part: "HR", or "xS" for the low-resolution images of that scale.

    Raises:
        ResultError: the data set is not prepared, an image is not the one that its record lists, or the array cannot
            be written.
    """
    data = open_prepared(folder, scale)
    sizes = [_size(image, part) for image in data.images]
    total = sum(height * width * 3 for height, width in sizes)
    with replacing(_array(folder, part)) as temporary:
        with temporary.open("wb") as opened:
            # written in sequence: a full disk is then an error, where writing through a memory map would be a crash
            file = _Hashing(opened)
            np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": (total,)})
            for name, size in zip(progress(data.names, desc=f"{folder.name} {part}", unit="image"), sizes, strict=True):
                image = data.high(name) if part == "HR" else data.low(name)
                if image.shape[:2] != size:
                    found = f"{image.shape[1]}x{image.shape[0]} pixels, its data set's list says {size[1]}x{size[0]}"
                    raise ResultError(f"{folder}, {name}: {found}; {data.remedy}")
                file.write(image.tobytes())
        index = {
            "kind": "packed",
            "generation": _generation(data, part),
            "bytes": total,
            "sha256": file.sha256.hexdigest(),
            "names": data.names,
            "sizes": [list(size) for size in sizes],
        }
        _keep_time(folder, part, index, temporary)
    write_record(_index(folder, part), index)


def open_packed(folder: Path, scale: int, part: str) -> PackedImages:
    """Memory-map a packed part of the data set in `folder`; packed first if it is not there, outdated or damaged.

    Raises:
        ResultError: as `pack`.
    """
    index = _index_if_whole(folder, scale, part)
    if index is None:
        pack(folder, scale, part)
        index = read_record(_index(folder, part))
    heights, widths = np.array(index["sizes"], dtype=np.int64).reshape(-1, 2).T
    ends = np.cumsum(heights * widths)
    # copy-on-write, as torch wants writable memory; nothing writes to it
    pixels = torch.from_numpy(np.load(_array(folder, part), mmap_mode="c")).view(-1, 3)
    return PackedImages(tuple(index["names"]), pixels, heights, widths, ends - heights * widths)


def is_packed(folder: Path, scale: int, part: str) -> bool:
    """Whether the packed part is whole and made from the images that the data set has now."""
    return _index_if_whole(folder, scale, part) is not None


def _index_if_whole(folder: Path, scale: int, part: str) -> dict | None:
    """The index of a packed part; None if it has to be packed, which is said where something was damaged."""
    data = open_prepared(folder, scale)
    try:
        index = read_record(_index(folder, part))
    except ResultError as error:
        if _index(folder, part).exists():
            print(f"{error}; it is made again now", file=sys.stderr)
        return None
    if index["generation"] != _generation(data, part):
        return None
    path = _array(folder, part)
    try:
        whole = _sha256(path, stamp_of(path)) == index["sha256"]
    except FileError:
        return None
    if not whole:
        print(printable(f"{path}: was damaged or changed since it was packed; it is made again now"), file=sys.stderr)
    return index if whole else None


@lru_cache(maxsize=64)
def _sha256(path: Path, stamp: Stamp) -> str:
    """SHA-256 of an array; read once by each process as long as its stamp is the same."""
    return sha256_of(path)


def _keep_time(folder: Path, part: str, index: dict, array: Path) -> None:
    """Give a repaired array the time of the damaged one: to the workflow it is what it was before."""
    with suppress(ResultError, FileNotFoundError):
        if read_record(_index(folder, part)) == index:
            before = _array(folder, part).stat()
            os.utime(array, ns=(before.st_atime_ns, before.st_mtime_ns))


class _Hashing:
    """A file to write to, and the SHA-256 of what was written."""

    def __init__(self, file: BinaryIO):
        self.file, self.sha256 = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Write and count in."""
        self.sha256.update(data)
        return self.file.write(data)


def _generation(data: Prepared, part: str) -> str:
    return data.generation("HR" if part == "HR" else "LR")


def _size(image: dict, part: str) -> tuple[int, int]:
    scale = 1 if part == "HR" else int(part.removeprefix("x"))
    return image["height"] // scale, image["width"] // scale


def _array(folder: Path, part: str) -> Path:
    return folder / "packed" / f"{part}.npy"


def _index(folder: Path, part: str) -> Path:
    return folder / "packed" / f"{part}.json"
