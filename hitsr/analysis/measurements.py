"""The long table of a run, read and checked, and the views of it that tables and figures share."""

from pathlib import Path

import pandas as pd

from hitsr.errors import ResultError
from hitsr.results.records import COLUMNS, read_json

TYPES = {"scale": "Int64", "seed": "Int64", "iteration": "Int64", "input": "string", "image": str, "variant": str}
"""Of columns that pandas would take for others: an image may be called 0801."""
KEYS = [column for column in COLUMNS if column not in ("value", "unit", "file")]


def read(path: Path) -> pd.DataFrame:
    """Read `measurements.csv`.

    Raises:
        ResultError: missing, without the expected columns, or with two values for one quantity.
    """
    try:
        table = pd.read_csv(path, dtype=TYPES)
    except (OSError, ValueError) as error:
        raise ResultError(f"{path}: not a readable table of measurements ({error}); run `hitsr collect`") from error
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise ResultError(f"{path}: has no column {missing[0]!r}; expected {', '.join(COLUMNS)}")
    twice = table[table.duplicated(KEYS, keep=False)]
    if not twice.empty:
        row = twice.iloc[0]
        raise ResultError(
            f"{path}: {row.quantity} of {row.method} x{row.scale} is there twice: {', '.join(twice.file.unique())}"
        )
    return table


def numbers(table: pd.DataFrame, quantity: str, **where: object) -> pd.DataFrame:
    """Rows of one quantity, narrowed by equality of columns."""
    found = table[table.quantity == quantity]
    for column, value in where.items():
        found = found[found[column] == value]
    return found


def number(table: pd.DataFrame, quantity: str, **where: object) -> tuple[float, str] | None:
    """The one value of a quantity and its file, or None. Several values (seeds, images) are averaged.

    The mean is over images first, then over seeds.
    """
    found = numbers(table, quantity, **where)
    if found.empty:
        return None
    by_seed = found.groupby("seed", dropna=False).value.mean()
    return float(by_seed.mean()), ", ".join(found.file.unique())


def record(file: str) -> dict:
    """A measurement file as it was written; `file` as the long table names it, from the folder of the run."""
    return read_json(Path(file))


def provenance_of(table: pd.DataFrame) -> pd.DataFrame:
    """One row per measurement file: its path, kind, and the fields of its provenance."""
    rows = []
    for path in table.file.unique():
        found = record(path)
        identity = {"file": path, "kind": found["kind"], "method": found["method"], "scale": found["scale"]}
        rows.append({**identity, **found["provenance"]})
    return pd.DataFrame(rows)


def run_summary(table: pd.DataFrame) -> dict[str, str]:
    """What captions say of a run: its name, device, threads, commit and dates."""
    origin = provenance_of(table)
    hardware = origin.hardware.map(lambda h: h["gpu"] or h["cpu"])
    commits = [
        f"{commit[:10]}{' with uncommitted changes' if dirty else ''}" if commit else "unknown (no repository)"
        for commit, dirty in origin[["commit", "dirty"]].drop_duplicates().itertuples(index=False)
    ]
    return {
        "run": str(table.run.iloc[0]),
        "device": ", ".join(hardware.unique()),
        "commit": ", ".join(commits),
        "started": minute(origin.started.min()),
        "finished": minute(origin.started.max()),
        "hours": f"{origin.duration_s.sum() / 3600:.2f}",
    }


def minute(moment: str) -> str:
    """An ISO time of UTC such as `2026-01-31T12:00:00+00:00` for readers: `2026-01-31 12:00 UTC`."""
    return f"{moment[:16].replace('T', ' ')} UTC"
