"""Numbers printed in papers, from `config/published/`."""

from functools import cache

import pandas as pd
import yaml

from hitsr.sources import ROOT

FOLDER = ROOT / "config" / "published"
COLUMN = {"Set5": "set5", "Set14": "set14", "B100": "b100", "Urban100": "urban100", "Manga109": "manga109"}
"""Columns of the printed tables by the name of the test set."""


@cache
def table2() -> pd.DataFrame:
    """Table 2 of HiT-SR, indexed by method and scale."""
    return pd.read_csv(FOLDER / "table2.csv").set_index(["method", "scale"])


def printed(method: str, scale: int, column: str) -> float | None:
    """One printed figure of Table 2, or None."""
    table = table2()
    if (method, scale) not in table.index or column not in table.columns:
        return None
    value = table.loc[(method, scale), column]
    return None if pd.isna(value) else float(value)


@cache
def conventions() -> dict[tuple[str, int, str], str]:
    """Why a printed complexity figure is of another convention, by method, scale and quantity."""
    entries = yaml.safe_load((FOLDER / "conventions.yaml").read_text(encoding="utf-8"))
    return {(entry["method"], entry["scale"], entry["quantity"]): entry["reason"] for entry in entries}
