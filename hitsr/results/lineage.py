"""What a result was made of: the contents of the files that a step read, recorded beside what it wrote.

Times of files say too little: a result may be copied, restored from a backup, or made while its input changed.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from hitsr.data.contents import file_digest
from hitsr.results.layout import CHECKSUMS
from hitsr.results.provenance import digest
from hitsr.results.records import read_record

BESIDE = {"weights_sha256": "weights.safetensors", "maps_sha256": "maps.npz"}
"""Files that a step writes beside its record, by the key of the record with their checksum."""


def made_of(*files: Path | None) -> dict[str, str]:
    """Identities of the files that a step reads, by path; None stands for a file that is not needed.

    Raises:
        ResultError, FileError: a file is missing or damaged.
    """
    return {str(file): identity(file) for file in files if file is not None}


def identity(file: Path) -> str:
    """What a file stands for: of a list of images, their names and checksums; of any other file, its own checksum.

    A list that was written anew with the same images is the same.

    Raises:
        ResultError, FileError: the file is missing or damaged.
    """
    if file.suffix != ".json":
        return file_digest(file, CHECKSUMS)
    record = read_record(file)
    if record.get("kind") not in ("dataset", "images"):
        return digest(record)
    names = ("name", "image", "sha256", "low_sha256")
    return digest([[image.get(name) for name in names] for image in record["images"]])


def changed(records: Mapping[Path, dict]) -> Iterator[tuple[Path, str]]:
    """Records that were made of something else, or with something else beside them, than there is now; with its path.

    What is not there any more is left out: results may outlive the images that they were made of.

    Raises:
        ResultError: what a record was made of is damaged.
    """
    present = cache(identity)
    for path, record in records.items():
        stated = {Path(file): before for file, before in (record.get("provenance", {}).get("made_of") or {}).items()}
        stated |= {path.with_name(name): record[key] for key, name in BESIDE.items() if key in record}
        for file, before in stated.items():
            if file.is_file() and present(file) != before:
                yield path, str(file)
