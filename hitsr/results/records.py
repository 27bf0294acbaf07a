"""Measurement files and the one long table they are collected into."""

import hashlib
import json
from pathlib import Path

from hitsr.atomic import replacing, write_json
from hitsr.errors import ResultError

COLUMNS = (
    "run", "kind", "method", "scale", "seed", "dataset", "image", "input", "variant", "iteration",
    "quantity", "unit", "value", "file",
)  # fmt: skip
"""Columns of the long table: one row per number, and the file it came from."""


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
        raise ResultError(f"{path}: not a readable result ({error}); delete it and run again") from error


def write_record(path: Path, record: dict) -> None:
    """Write a JSON file of this suite, atomically, with a checksum of its content under `checksum`."""
    write_json(path, {**record, "checksum": _checksum(record)})


def read_record(path: Path) -> dict:
    """A JSON file written by `write_record`.

    Raises:
        ResultError: missing, cut short, or changed since it was written; the message names the file and the remedy.
    """
    record = read_json(path)
    stated = record.pop("checksum", None) if isinstance(record, dict) else None
    if stated != _checksum(record):
        reason = "carries no checksum" if stated is None else "was changed or damaged since it was written"
        raise ResultError(f"{path}: {reason}; delete it, and run the same command again to make it anew")
    return record


def _checksum(record: object) -> str:
    """SHA-256 of the JSON of a record, the same for equal content."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def collect(run: str, files: list[Path], output: Path) -> None:
    """Write the rows of all measurement `files` to the CSV file `output`, one number per row."""
    import pandas as pd

    rows = []
    for path in files:
        record = read_json(path)
        if "rows" not in record:
            raise ResultError(f"{path}: holds no measurements (its kind is {record.get('kind')!r})")
        shared = {key: record.get(key) for key in ("kind", "method", "scale", "seed")}
        rows += [{"run": run, **shared, **row, "file": str(path)} for row in record["rows"]]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for column in ("scale", "seed", "iteration"):
        table[column] = table[column].astype("Int64")
    with replacing(output) as temporary:
        table.to_csv(temporary, index=False)
