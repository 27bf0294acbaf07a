"""Images of a prepared data set decoded once into one array on the disk: training then reads patches, not PNG files.

DATASET/packed/HR.npy, xS.npy      uint8, the pixels of one image after the other; memory-mapped when read
DATASET/packed/HR.json, xS.json    names, sizes and the digest of the list they were made from; written last
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from hitsr.atomic import replacing, write_json
from hitsr.data.images import read_rgb
from hitsr.data.layout import hr_path, lr_path
from hitsr.errors import ImageError, ResultError
from hitsr.progress import progress
from hitsr.results.provenance import digest
from hitsr.results.records import read_json


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
        ImageError: an image is unreadable, or of another size than the data set's list says.
        ResultError: the data set is not prepared, or the array cannot be written.
    """
    images = read_json(folder / f"x{scale}.json")["images"]
    sizes = [_size(image, part) for image in images]
    total = sum(height * width * 3 for height, width in sizes)
    with replacing(_array(folder, part)) as temporary, temporary.open("wb") as file:
        # written in sequence: a full disk is then an error, where writing through a memory map would be a crash
        np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": (total,)})
        for image, size in zip(progress(images, desc=f"{folder.name} {part}", unit="image"), sizes, strict=True):
            path = hr_path(folder, image["name"]) if part == "HR" else lr_path(folder, scale, image["name"])
            array = read_rgb(path)
            if array.shape[:2] != size:
                raise ImageError(
                    f"{path}: {array.shape[1]}x{array.shape[0]} pixels, its data set's list says "
                    f"{size[1]}x{size[0]}; prepare the data set again"
                )
            file.write(array.tobytes())
    index = {"kind": "packed", "list": digest(images), "bytes": total}
    write_json(
        _index(folder, part), {**index, "names": [image["name"] for image in images], "sizes": [list(s) for s in sizes]}
    )


def open_packed(folder: Path, scale: int, part: str) -> PackedImages:
    """Memory-map a packed part of the data set in `folder`; it is packed first if it is not there or outdated.

    Raises:
        ImageError, ResultError: as `pack`.
    """
    if not is_packed(folder, scale, part):
        pack(folder, scale, part)
    index = read_json(_index(folder, part))
    heights, widths = np.array(index["sizes"], dtype=np.int64).T
    ends = np.cumsum(heights * widths)
    # copy-on-write, as torch wants writable memory; nothing writes to it
    pixels = torch.from_numpy(np.load(_array(folder, part), mmap_mode="c")).view(-1, 3)
    return PackedImages(tuple(index["names"]), pixels, heights, widths, ends - heights * widths)


def is_packed(folder: Path, scale: int, part: str) -> bool:
    """Whether the packed part is whole and made from the data set's present list."""
    try:
        index = read_json(_index(folder, part))
        array = np.load(_array(folder, part), mmap_mode="r")
    except (ResultError, OSError, ValueError, EOFError):  # EOFError: the array is empty
        return False
    return index["list"] == digest(read_json(folder / f"x{scale}.json")["images"]) and index["bytes"] == array.size


def _size(image: dict, part: str) -> tuple[int, int]:
    scale = 1 if part == "HR" else int(part.removeprefix("x"))
    return image["height"] // scale, image["width"] // scale


def _array(folder: Path, part: str) -> Path:
    return folder / "packed" / f"{part}.npy"


def _index(folder: Path, part: str) -> Path:
    return folder / "packed" / f"{part}.json"
