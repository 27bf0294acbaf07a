"""Photographs that are in two data sets of a run: a network must not be scored on what it was trained on.

Two steps, both on gray thumbnails. The perceptual hash of the whole image (pHash of 256 bits: signs of the lowest
frequencies of its cosine transform) is compared for every pair, in the eight flips and turns, which training uses
too; pairs within `NEAR` bits go on. They are taken for one photograph if the one, scaled by 0.8 to 1 of what fits,
correlates with a place of the other by at least `SAME`.

On 400 + 5 + 14 + 100 + 10 photographs (BSD400, Set5, Set14, B100, a sample of Urban100; 139,656 pairs) the two known
pairs are 8 and 16 bits apart and correlate by 0.996 and 0.986; all others are at least 84 bits apart, and those within
`NEAR` correlate by 0.69 at most. Of half-size copies, all that are cut to 98 % of each side are found, 99 % of those
cut to 95 %, 44 % of those cut to 90 %: whoever looks for smaller parts needs another method.
"""

from dataclasses import dataclass
from pathlib import Path

import imagehash
import numpy as np
from PIL import Image
from skimage.feature import match_template

from hitsr.configuration.steps import LeaksSettings
from hitsr.data.layout import record_path
from hitsr.data.prepared import open_prepared
from hitsr.errors import leave_out
from hitsr.progress import progress
from hitsr.results.provenance import Stopwatch
from hitsr.results.records import write_record

HASH_SIDE = 16
"""Frequencies per axis that a hash keeps: 256 bits."""
NEAR = 96
"""Bits in which the hashes of one photograph may differ; of unrelated ones 128 differ on average."""
SAME = 0.85
"""Correlation from which two images are one photograph."""
HASHED, COMPARED = 256, 64
"""Longer side in pixels of the thumbnails that are hashed and correlated."""
SCALES = np.linspace(0.8, 1, 11)
LEAK, DUPLICATE = "leak", "duplicate"


@dataclass(frozen=True)
class Photograph:
    """An image of a data set, its part in the run (training, validation or test), and its thumbnail."""

    dataset: str
    role: str
    name: str
    thumbnail: Image.Image


@dataclass(frozen=True)
class Pair:
    """Two images that are one photograph: a leak across training, validation and test, else a duplicate."""

    first: Photograph
    second: Photograph
    distance: int
    correlation: float

    @property
    def kind(self) -> str:
        return DUPLICATE if self.first.role == self.second.role else LEAK

    def __str__(self) -> str:
        first, second = self.first, self.second
        text = (
            f"{first.name} of {first.dataset} ({first.role}) is the photograph {second.name} of {second.dataset} "
            f"({second.role}); correlation {self.correlation:.3f}"
        )
        if self.kind == DUPLICATE:
            return text
        return f"{text}; {leave_out(first.name, first.dataset)}"


def run(step: LeaksSettings, data: Path, output: Path) -> list[Pair]:
    """Look through the prepared data sets of a run and write what was found; returns it, leaks first.

    Args:
        data: folder of the prepared data sets.
    """
    watch = Stopwatch()
    origin = step.origin_of(*(record_path(data / dataset, step.scale) for dataset in step.roles))
    photographs = [
        Photograph(dataset, role, name, thumbnail(prepared.high(name)))
        for dataset, role in step.roles.items()
        for prepared in [open_prepared(data / dataset, step.scale)]
        for name in progress(prepared.names, desc=dataset, unit="image")
    ]
    pairs = find(photographs)
    identity = {"kind": "leaks", "method": None, "scale": None, "seed": None}
    rows = _rows(photographs, pairs)
    write_record(output, {**identity, "rows": rows, "provenance": watch.provenance(**origin)})
    return pairs


def thumbnail(image: np.ndarray) -> Image.Image:
    """A uint8 RGB image in gray, its longer side `HASHED` pixels or less."""
    gray = Image.fromarray(image).convert("L")
    gray.thumbnail((HASHED, HASHED), Image.Resampling.LANCZOS)
    return gray


def find(photographs: list[Photograph]) -> list[Pair]:
    """Pairs of images that are one photograph, leaks first; none within the training set, where they are harmless."""
    hashes = np.array([_hashes(photograph.thumbnail) for photograph in photographs])
    training = np.array([photograph.role == "training" for photograph in photographs])
    found = []
    for i, j, view, distance in progress(list(_near(hashes, training)), desc="compare", unit="pair"):
        correlation = correlate(photographs[i].thumbnail, views(photographs[j].thumbnail)[view])
        if correlation >= SAME:
            found.append(Pair(photographs[i], photographs[j], distance, correlation))
    return sorted(found, key=lambda pair: (pair.kind != LEAK, -pair.correlation))


def views(image: Image.Image) -> list[Image.Image]:
    """The eight flips and quarter turns of an image, itself first."""
    turned = (image, image.transpose(Image.Transpose.TRANSPOSE))
    return [view for one in turned for view in (one, *(one.transpose(flip) for flip in _FLIPS))]


_FLIPS = (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM, Image.Transpose.ROTATE_180)


def _hashes(image: Image.Image) -> list[np.ndarray]:
    """Hashes of the eight views, bool `(256,)` each."""
    # the size that pHash brings images to: done here, it is done once for all views
    square = image.resize((4 * HASH_SIDE, 4 * HASH_SIDE), Image.Resampling.LANCZOS)
    return [imagehash.phash(view, HASH_SIDE).hash.ravel() for view in views(square)]


def _near(hashes: np.ndarray, training: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Pairs i < j of images of which a view of j is within `NEAR` bits of i, with the nearest view and its distance.

    Args:
        hashes: bool `(N, 8, 256)`.
        training: bool `(N,)`.
    """
    signs = np.where(hashes, 1, -1).astype(np.float32)
    bits = hashes.shape[2]
    found = []
    for i in range(len(hashes) - 1):
        distances = (bits - signs[i + 1 :] @ signs[i, 0]) / 2
        nearest = distances.argmin(axis=1)
        least = distances.min(axis=1)
        for offset in np.flatnonzero((least <= NEAR) & ~(training[i] & training[i + 1 :])):
            found.append((i, i + 1 + int(offset), int(nearest[offset]), int(least[offset])))
    return found


def correlate(first: Image.Image, second: Image.Image) -> float:
    """Largest normalised correlation of either image, scaled, with a place of the other, from -1 to 1."""
    first, second = _small(first), _small(second)
    return max(_within(first, second), _within(second, first))


def _within(part: Image.Image, whole: Image.Image) -> float:
    fit = min(whole.width / part.width, whole.height / part.height)
    field = np.asarray(whole, np.float32)
    sizes = {(max(1, int(part.width * fit * scale)), max(1, int(part.height * fit * scale))) for scale in SCALES}
    scaled = [np.asarray(part.resize(size, Image.Resampling.BILINEAR), np.float32) for size in sizes]
    return max(float(match_template(field, template).max()) for template in scaled)


def _small(image: Image.Image) -> Image.Image:
    image = image.copy()
    image.thumbnail((COMPARED, COMPARED), Image.Resampling.LANCZOS)
    return image


def _rows(photographs: list[Photograph], pairs: list[Pair]) -> list[dict]:
    sizes: dict[str, int] = {}
    for photograph in photographs:
        sizes[photograph.dataset] = sizes.get(photograph.dataset, 0) + 1
    rows = [{"dataset": n, "quantity": "images_compared", "unit": "images", "value": size} for n, size in sizes.items()]
    for pair in pairs:
        who = {
            "dataset": pair.first.dataset,
            "image": pair.first.name,
            "other": f"{pair.second.dataset}/{pair.second.name}",
        }
        rows += [
            {**who, "quantity": f"{pair.kind}_correlation", "unit": "", "value": round(pair.correlation, 6)},
            {**who, "quantity": f"{pair.kind}_distance", "unit": "bits", "value": pair.distance},
        ]
    return rows
