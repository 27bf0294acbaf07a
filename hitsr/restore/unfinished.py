"""Images that a killed run has super-resolved already, so that the next one goes on where it was.

DATASET/.unfinished.json    what decided the images, and those that are done; gone when the data set is done
"""

import hashlib
from pathlib import Path

from hitsr.errors import ResultError
from hitsr.results.provenance import digest
from hitsr.results.records import read_record, write_record

NAME = ".unfinished.json"


class Unfinished:
    """The images of one data set that are done, in the order in which they were made.

    Those of a run with other settings, code, weights or data are none of them.

    Args:
        folder: of the images of the data set.
        origin: what decides them, as `Step.origin` gives it.
    """

    def __init__(self, folder: Path, origin: dict):
        self.folder, self.origin = folder, digest(origin)
        self.done: dict[str, dict] = _read(folder / NAME, self.origin)

    def entry(self, image: str, low_sha256: str) -> dict | None:
        """What the record is to say of an image, if it was made of this low-resolution one and is as it was written."""
        entry = self.done.get(image)
        path = self.folder / f"{image}.png"
        if entry is None or entry["low_sha256"] != low_sha256 or not path.is_file():
            return None
        return entry if hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"] else None

    def add(self, entry: dict) -> None:
        """Note an image that was written."""
        self.done[entry["image"]] = entry
        write_record(self.folder / NAME, {"kind": "unfinished", "origin": self.origin, "images": self.done})

    def finish(self) -> None:
        """Forget them: the record of the data set has them now."""
        (self.folder / NAME).unlink(missing_ok=True)


def _read(path: Path, origin: str) -> dict[str, dict]:
    try:
        found = read_record(path)
    except ResultError:
        return {}
    return found["images"] if found.get("origin") == origin else {}
