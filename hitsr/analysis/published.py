"""Numbers printed in papers, from `hitsr/catalogs/published/`."""

from functools import cache

import pandas as pd
import yaml

from hitsr import catalogs
from hitsr.analysis.plausibility import Doubt, doubts

FOLDER = catalogs.FOLDER / "published"
COLUMN = {"Set5": "set5", "Set14": "set14", "B100": "b100", "Urban100": "urban100", "Manga109": "manga109"}
"""Columns of the printed tables by the name of the test set."""
SOURCES = ("table2.csv", "hit_srf_df2k.csv", "bicubic.csv")
RUNTIMES = "efficiency_x2.csv"
OUTPUT = (1280, 720)
"""Width and height of the super-resolved image that Table 2 counts for."""
BICUBIC = {"psnr": "psnr_printed_bicubic", "ssim": "ssim_printed_bicubic"}
"""Quantities of the long table that the printed Bicubic row is of, by metric."""
TEXTS = ("method", "dataset", "source", "converted_from")
"""Columns that are text."""
WHERE = "hitsr/catalogs/published"
"""The folder in the repository, for links."""


def _csv(file: str) -> pd.DataFrame:
    """A printed table; names of methods, data sets and sources are text, whatever they look like."""
    columns = pd.read_csv(FOLDER / file, nrows=0).columns
    texts = [name for name in TEXTS if name in columns]
    missing = dict.fromkeys(columns.drop(texts), [""])
    return pd.read_csv(FOLDER / file, dtype=dict.fromkeys(texts, str), keep_default_na=False, na_values=missing)


def read(file: str) -> pd.DataFrame:
    """A file of published figures as it is."""
    return _csv(file)


@cache
def _table(file: str) -> pd.DataFrame:
    return _csv(file).set_index(["method", "scale"])


def table2() -> pd.DataFrame:
    """Table 2 of HiT-SR, indexed by method and scale."""
    return _table("table2.csv")


def printed(method: str, scale: int, column: str) -> float | None:
    """One figure of Table 2, or of the rows that other tables add to it; None if it is not printed."""
    for file in SOURCES:
        table = _table(file)
        if (method, scale) in table.index and column in table.columns:
            value = table.loc[(method, scale), column]
            return None if pd.isna(value) else float(value)
    return None


def file_of(method: str, scale: int, column: str) -> str:
    """The file, from the root of the repository, that `printed` reads a figure from; empty if it is not printed."""
    for name in SOURCES:
        table = _table(name)
        if (method, scale) in table.index and column in table.columns:
            return f"{WHERE}/{name}"
    return ""


def runtime(method: str, scale: int) -> float | None:
    """Printed runtime in ms, of a 1280x720 output on an A100; None if it is not printed."""
    table = _csv(RUNTIMES).set_index("method")
    return float(table.runtime_ms_a100[method]) if scale == 2 and method in table.index else None


@cache
def measured_elsewhere() -> pd.DataFrame:
    """Latency (ms) and peak memory (MB) of 1280x720 outputs that others have measured, each row with its source."""
    return _csv("measured_elsewhere.csv")


@cache
def as_near_as(tolerance: float) -> tuple[int, int]:
    """Cells of Table 2 in which a HiT network and its base differ by at most `tolerance` dB, and all such cells."""
    table, near, cells = table2(), 0, 0
    for ours, base in (("HiT-SIR", "SwinIR-Light"), ("HiT-SNG", "SwinIR-NG"), ("HiT-SRF", "SRFormer-Light")):
        for scale in (2, 3, 4):
            gaps = [
                abs(table.loc[(ours, scale), f"{c}_psnr"] - table.loc[(base, scale), f"{c}_psnr"])
                for c in COLUMN.values()
            ]
            near += int(sum(gap <= tolerance + 1e-9 for gap in gaps))
            cells += len(gaps)
    return near, cells


@cache
def doubted() -> dict[tuple[str, int, str], Doubt]:
    """Figures of Table 2 that cannot be right, by method, scale and column."""
    return {(doubt.method, doubt.scale, doubt.column): doubt for doubt in doubts(table2())}


@cache
def conventions() -> dict[tuple[str, int, str], str]:
    """Why a printed complexity figure is of another convention, by method, scale and quantity."""
    entries = yaml.safe_load((FOLDER / "conventions.yaml").read_text(encoding="utf-8"))
    return {(entry["method"], entry["scale"], entry["quantity"]): entry["reason"] for entry in entries}
