"""Step times that were given instead of measured: `METHOD=SECONDS`, or a table that `hitsr plan` wrote elsewhere."""

from pathlib import Path

import pandas as pd

from hitsr.configuration.ablations import all_methods
from hitsr.errors import ConfigError
from hitsr.planning.steps import Step

COLUMNS = ("method", "step_seconds")
GIVEN = "given"


def given(config: dict, table: Path | None, pairs: list[str]) -> dict[str, Step]:
    """Steps by method, from a CSV file and from pairs, which win; empty if nothing was given.

    A method without a time of its own takes that of the method it trains otherwise, or is a variant of.

    Args:
        table: CSV with columns `method` and `step_seconds` (s per step of the whole batch on one device), and if known
            `memory_mib`, `device`, `gpu`; other columns are ignored.

    Raises:
        ConfigError: a pair or a table that cannot be read, an unknown method, or a trained method without a time.
    """
    found = _table(table) if table else {}
    for pair in pairs:
        method, _, seconds = pair.rpartition("=")
        try:
            found[method] = Step(float(seconds), None, GIVEN, True, 0)
        except ValueError:
            raise ConfigError(
                f"--step-time {pair}: expected METHOD=SECONDS, such as HiT-SIR=0.25 (s per step of a whole batch)"
            ) from None
    methods = all_methods(config)
    networks = [name for name, entry in methods.items() if entry["network"]]
    for method, step in found.items():
        if table is None and method not in networks:
            raise ConfigError(f"--step-time {method}: not a network of this run; choose from {', '.join(networks)}")
        if not step.seconds > 0:
            raise ConfigError(f"step time of {method}: expected more than 0 s, found {step.seconds}")
    if not found:
        return {}
    complete = {name: found.get(name) or found.get(_stand_in(methods[name]) or "") for name in networks}
    lacking = [name for name, step in complete.items() if step is None]
    if lacking:
        raise ConfigError(
            f"no step time given for {', '.join(lacking)}; times of this machine and of another one do not add up, so "
            "give all, or none to have them measured"
        )
    return {name: step for name, step in complete.items() if step is not None}


def _stand_in(method: dict) -> str | None:
    """The method whose step is taken for a control or a variant of it."""
    return method["retrains"] or (method["baseline"] if "axis" in method else None)


def _table(path: Path) -> dict[str, Step]:
    try:
        rows = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise ConfigError(f"--step-times {path}: not a readable CSV file ({error})") from error
    lacking = [column for column in COLUMNS if column not in rows.columns]
    if lacking:
        raise ConfigError(
            f"--step-times {path}: no column {lacking[0]!r}; expected {', '.join(COLUMNS)}, as `hitsr plan` writes them"
        )
    found = {}
    for row in rows.to_dict("records"):
        memory = row.get("memory_mib")
        try:
            seconds = float(row["step_seconds"])
        except ValueError:
            raise ConfigError(
                f"--step-times {path}: step_seconds of {row['method']}: found {row['step_seconds']!r}"
            ) from None
        memory = None if memory is None or pd.isna(memory) else float(memory)
        on_gpu = str(row.get("gpu", True)) == "True"
        found[str(row["method"])] = Step(seconds, memory, str(row.get("device", GIVEN)), on_gpu, 0)
    return found
