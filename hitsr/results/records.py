"""Measurement files and the one long table they are collected into."""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from hitsr.atomic import json_text, write_bytes, write_json
from hitsr.errors import ResultError

COLUMNS = (
    "run", "kind", "method", "scale", "seed", "dataset", "image", "other", "input", "iteration", "quantity", "value",
    "unit", "implementation", "backend", "precision", "protocol", "device", "file",
)  # fmt: skip
"""Columns of the long table: one row per number, and the file it came from.

`other` is the second image of a pair, as `DATASET/IMAGE`. `input` is the width and height of what a network was given,
or the sides of a window, as `320x180`. `protocol` says how a quantity is defined where there are several ways.
"""
TEXTS = tuple(column for column in COLUMNS if column not in ("scale", "seed", "iteration", "value"))
"""Columns that are text whatever they hold: a data set may be called NA or 100, a run 007, an image 1e3."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What spreadsheets take for the beginning of a formula; an apostrophe before it makes it text."""


class RecordError(ResultError):
    """A record that is there and cannot be trusted.

    Attributes:
        reason: why, as what goes on after "it".
    """

    def __init__(self, path: Path, reason: str):
        self.reason = reason
        super().__init__(f"{path}: {reason}; delete it, and run the same command again to make it anew")


def read_json(path: Path) -> dict:
    """A JSON file made by this suite.

    Raises:
        ResultError: missing or cut short, naming it.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ResultError(f"{path}: no such file; make it first (snakemake does so by itself)") from error
    except (OSError, ValueError) as error:
        raise RecordError(path, f"is no readable result ({error})") from error


def write_record(path: Path, record: dict) -> None:
    """Write a JSON file of this suite, atomically, with a checksum of its content under `checksum`."""
    plain = json.loads(json_text(record))
    write_json(path, {**plain, "checksum": _checksum(plain)})


def read_record(path: Path) -> dict:
    """A JSON file written by `write_record`.

    Raises:
        ResultError: missing, cut short, or changed since it was written; the message names the file and the remedy.
    """
    record = read_json(path)
    stated = record.pop("checksum", None) if isinstance(record, dict) else None
    if stated != _checksum(record):
        reason = "carries no checksum" if stated is None else "was changed or damaged since it was written"
        raise RecordError(path, reason)
    return record


def _checksum(record: object) -> str:
    """SHA-256 of the JSON of a record, the same for equal content."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def collect(
    run: str,
    files: Iterable[Path],
    output: Path,
    kept: Mapping[str, list[str]] | None = None,
    read: Callable[[Path], dict] = read_record,
) -> None:
    """Write the rows of all measurement `files` to the CSV file `output`, one number per row.

    Args:
        kept: files that were made otherwise than the configuration says, and in what they differ.
        read: gives what a file holds.

    Raises:
        ResultError: a file is missing, damaged, or holds no measurements.
    """
    import pandas as pd

    files, rows = list(files), []
    for path in files:
        record = read(path)
        if "rows" not in record:
            raise ResultError(f"{path}: holds no measurements (its kind is {record.get('kind')!r})")
        unknown = {key for row in record["rows"] for key in row}.difference(COLUMNS)
        if unknown:
            raise ResultError(
                f"{path}: has a column {min(unknown)!r}, which the table of measurements has not; it may be of another "
                "version: delete it and run again"
            )
        shared = {key: record.get(key) for key in ("kind", "method", "scale", "seed")}
        rows += [{"run": run, **shared, **row, "file": str(path)} for row in record["rows"]]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for column in ("scale", "seed", "iteration"):
        table[column] = table[column].astype("Int64")
    for column in TEXTS:
        table[column] = table[column].map(guarded, na_action="ignore")
    content = table.to_csv(index=False, lineterminator="\n").encode("utf-8")
    write_bytes(output, content)
    table = {"kind": "table", "sha256": hash_of(content), "kept": dict(kept or {})}
    sources = {str(path): hash_of(path.read_bytes()) for path in files}
    write_record(output.with_suffix(".json"), {**table, "files": sources})


def guarded(text: str) -> str:
    """A text as the long table holds it: with an apostrophe before one that a spreadsheet would compute or shorten."""
    return f"'{text}" if text.startswith((*FORMULA, "'")) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text.removeprefix("'")


def as_json(value: float) -> float | str:
    """A number as records hold it: JSON has no infinity, so that it is the text "inf"."""
    return str(value) if math.isinf(value) else value


def verify_table(path: Path, found: Callable[[str], Path] = Path) -> dict:
    """Check a table that `collect` wrote, and the measurement files that it was collected from.

    Args:
        found: where a file lies that the table names.

    Returns:
        What `collect` recorded of it.

    Raises:
        ResultError: one of them is missing or was changed since; the message names it and the remedy.
    """
    path = Path(path)
    again = "run the same snakemake command again, or `hitsr collect`"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ResultError(f"{path}: cannot be read ({error.strerror}); {again}") from error
    stated = read_record(path.with_suffix(".json"))
    if hash_of(content) != stated["sha256"]:
        raise ResultError(f"{path}: was changed or damaged since it was collected; delete it, and {again}")
    for name, expected in stated["files"].items():
        if not found(name).is_file() or hash_of(found(name).read_bytes()) != expected:
            raise ResultError(f"{path}: {name} is missing or was changed since it was collected; {again}")
    return stated


def hash_of(content: bytes) -> str:
    """SHA-256 of a file's content, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
