"""The long table of a run, read and checked, and the views of it that tables and figures share."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hitsr.analysis.completeness import check_complete
from hitsr.errors import ResultError
from hitsr.results.records import COLUMNS, TEXTS, read_record, unguarded, verify_table

if TYPE_CHECKING:
    import pandas as pd

    from hitsr.results.layout import Layout

INTEGERS = ("scale", "seed", "iteration")
IDENTITY = tuple(column for column in COLUMNS if column not in ("kind", "value", "unit", "file"))
"""Columns that tell one number from another."""
KEPT, DEVICE = "kept", "device"
TIMED = ("latency", "resolutions")
"""Kinds of measurements that depend on the device."""
AVERAGED = ("seed", "image")
"""The only columns over which numbers are averaged."""


class Number(NamedTuple):
    """A measured number, and the measurement files that it comes from."""

    value: float
    files: tuple[str, ...]


def read(path: Path, layout: Layout | None = None) -> pd.DataFrame:
    """Read and check `measurements.csv`. Text that is missing is empty; integers that are missing are NA.

    Args:
        layout: where the files of the run lie; below the current folder if left out.

    Raises:
        ResultError: missing, changed since it was collected, without the expected columns, with two values for one
            quantity, or with fewer images of a data set than the data set has.
    """
    import pandas as pd

    stated = verify_table(path, layout.found if layout else Path)
    # values as text: not every version of pandas reads a decimal as the number that was written
    types = {**dict.fromkeys((*TEXTS, "value"), str), **dict.fromkeys(INTEGERS, "Int64")}
    try:
        table = pd.read_csv(path, dtype=types, keep_default_na=False, na_values=dict.fromkeys(INTEGERS, [""]))
        if "value" in table:
            table["value"] = [float(value) for value in table.value]
    except (OSError, ValueError) as error:
        raise ResultError(f"{path}: not a readable table of measurements ({error}); run `hitsr collect`") from error
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise ResultError(f"{path}: has no column {missing[0]!r}; expected {', '.join(COLUMNS)}")
    for column in TEXTS:
        table[column] = table[column].map(unguarded)
    twice = table[table.duplicated(list(IDENTITY), keep=False)]
    if not twice.empty:
        row = twice.iloc[0]
        who = f"{row.quantity} of {row.method or row.dataset}" + (f" x{row.scale}" if row.scale is not pd.NA else "")
        raise ResultError(f"{path}: {who} is there twice: {', '.join(twice.file.unique())}; keep one of them")
    check_complete(table, layout)
    table.attrs[KEPT] = stated["kept"]
    if len(devices(table)) > 1:
        table.attrs[DEVICE] = devices(table)[0]
    return table


def devices(table: pd.DataFrame) -> list[str]:
    """Devices on which networks were timed: several in a merged run, whose first source has the first."""
    return [name for name in table[table.kind.isin(TIMED)].device.unique() if name]


def kept(table: pd.DataFrame) -> dict[str, list[str]]:
    """Files whose results the user keeps although they were made otherwise than the configuration says, and how."""
    return table.attrs.get(KEPT, {})


def numbers(table: pd.DataFrame, quantity: str, **where: object) -> pd.DataFrame:
    """Rows of one quantity, narrowed by equality of columns.

    Of a run that was timed on several devices, the rows of the first one, unless `where` says which.
    """
    found = table[table.quantity == quantity]
    if DEVICE in table.attrs and DEVICE not in where:
        found = found[found.device.isin(["", table.attrs[DEVICE]])]
    for column, value in where.items():
        found = found[found[column] == value]
    return found


def number(table: pd.DataFrame, quantity: str, **where: object) -> Number | None:
    """The one value of a quantity, or None. Values of several seeds and images are averaged: over images first.

    Raises:
        ResultError: the rows differ in another column than seed and image (two back-ends, two inputs), so that a mean
            over them would be a number of nothing.
    """
    found = numbers(table, quantity, **where)
    if found.empty:
        return None
    if len(found) > 1:
        for column in IDENTITY:
            values = found[column].unique()
            if column not in AVERAGED and len(values) > 1:
                raise ResultError(
                    f"{quantity} of {', '.join(map(str, where.values()))} is there for several values of {column!r} "
                    f"({', '.join(map(str, values))}); say which one is meant"
                )
    by_seed = found.groupby("seed", dropna=False).value.mean()
    return Number(float(by_seed.mean()), tuple(found.file.unique()))


def implementations(config: dict) -> list[str]:
    """The implementations of the networks that a run times, in the order given."""
    return list(config["latency"]["implementations"])


def record(file: str) -> dict:
    """A measurement file as it was written; `file` as the long table names it, from the folder of the run."""
    path = Path(file)
    try:
        state = path.stat()
    except OSError:
        return read_record(path)
    return _record(path.absolute(), state.st_mtime_ns, state.st_size, state.st_ino)


@lru_cache(maxsize=4096)
def _record(path: Path, *state: int) -> dict:
    """A record, read once as long as its file is the same; every table, figure and claim asks for it."""
    return read_record(path)


def provenance_of(table: pd.DataFrame) -> pd.DataFrame:
    """One row per measurement file: its path, kind, and the fields of its provenance."""
    import pandas as pd

    rows = []
    for path in table.file.unique():
        found = record(path)
        identity = {"file": path, "kind": found["kind"], "method": found["method"], "scale": found["scale"]}
        rows.append({**identity, **found["provenance"]})
    return pd.DataFrame(rows)


def run_summary(table: pd.DataFrame, run: str) -> dict[str, str]:
    """What captions say of a run: its name, device, commit and dates."""
    if table.empty:
        nothing = dict.fromkeys(("device", "commit", "started", "finished"), "nothing was measured")
        return {"run": run, **nothing, "hours": "0.00"}
    origin = provenance_of(table)
    hardware = origin.hardware.map(lambda h: h["gpu"] or h["cpu"])
    commits = [
        f"{commit[:10]}{' with uncommitted changes' if dirty else ''}" if commit else "unknown (no repository)"
        for commit, dirty in origin[["commit", "dirty"]].drop_duplicates().itertuples(index=False)
    ]
    return {
        "run": run,
        "device": ", ".join(hardware.unique()),
        "commit": ", ".join(commits),
        "started": minute(origin.started.min()),
        "finished": minute(origin.started.max()),
        "hours": f"{origin.duration_s.sum() / 3600:.2f}",
    }


def minute(moment: str) -> str:
    """An ISO time of UTC such as `2026-01-31T12:00:00+00:00` for readers: `2026-01-31 12:00 UTC`."""
    return f"{moment[:16].replace('T', ' ')} UTC"
