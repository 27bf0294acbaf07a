"""Audit of the quality columns of Table 2, by what needs no measurement: neighbours, scales, pairs, and the curves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from hitsr.analysis import published
from hitsr.configuration.ablations import all_methods

READING = 0.02
"""dB: by how much a point read off the published curves may be wrong at their end."""
CLEAR = 0.1
"""dB: a difference of PSNR beyond which one expects SSIM to differ in the same direction."""
METRICS = {"psnr": ("PSNR", 2), "ssim": ("SSIM", 4)}


@dataclass(frozen=True)
class Suspicion:
    """A printed figure of quality that does not agree with others.

    Attributes:
        check: what found it.
        column: as in `table2.csv`.
        reason: in a sentence.
    """

    check: str
    method: str
    scale: int
    column: str
    printed: float
    reason: str


def suspicions(config: dict) -> list[Suspicion]:
    """Printed figures of quality at the scales of the run that do not agree with others, by check."""
    found = [*_neighbours(), *_scales(), *_pairs(config), *_curves()]
    return [each for each in found if each.scale in config["scales"]]


def _neighbours() -> Iterator[Suspicion]:
    for (method, scale, column), doubt in published.doubted().items():
        yield Suspicion("neighbours", method, scale, column, doubt.value, doubt.reason)


def _scales() -> Iterator[Suspicion]:
    """A larger scale is harder: no figure may exceed that of the next smaller one."""
    table = published.table2()
    for method in dict.fromkeys(method for method, _ in table.index):
        for scale in (3, 4):
            for column in _columns():
                value, easier = (published.printed(method, s, column) for s in (scale, scale - 1))
                if value is not None and easier is not None and value >= easier:
                    reason = f"not below {easier:g} at ×{scale - 1}"
                    yield Suspicion("scales", method, scale, column, value, reason)


def _pairs(config: dict) -> Iterator[Suspicion]:
    """Methods that convert another one: PSNR clearly higher and SSIM lower, or the other way round."""
    for method, entry in all_methods(config).items():
        base = entry["baseline"]
        for scale in (2, 3, 4) if base else ():
            for name in published.COLUMN.values():
                figures = [published.printed(m, scale, f"{name}_{k}") for m in (method, base) for k in METRICS]
                psnr, ssim, base_psnr, base_ssim = (math.nan if figure is None else figure for figure in figures)
                better, structure = psnr - base_psnr, ssim - base_ssim
                if abs(better) >= CLEAR and better * structure < 0:
                    reason = f"{structure:+.4f} against {base}, with {better:+.2f} dB of PSNR"
                    yield Suspicion("pairs", method, scale, f"{name}_ssim", ssim, reason)


def _curves() -> Iterator[Suspicion]:
    """Where a published curve of convergence ends, against the printed figure."""
    curves = pd.read_csv(published.FOLDER / "convergence_x2.csv")
    for (method, scale, dataset), points in curves.groupby(["method", "scale", "dataset"], sort=False):
        last = points.loc[points.iteration.idxmax()]
        column = f"{published.COLUMN[dataset]}_psnr"
        value = published.printed(method, scale, column)
        if value is not None and abs(last.psnr - value) > READING:
            reason = f"the published curve ends at {last.psnr:.2f}, {last.psnr - value:+.2f} dB"
            yield Suspicion("curve", method, int(scale), column, value, reason)


def _columns() -> list[str]:
    return [f"{name}_{metric}" for name in published.COLUMN.values() for metric in METRICS]


def titled(column: str) -> str:
    """A column of `table2.csv` as tables call it, such as `Urban100 PSNR`."""
    name, _, metric = column.rpartition("_")
    return f"{next(k for k, v in published.COLUMN.items() if v == name)} {METRICS[metric][0]}"


def shown(found: Suspicion) -> str:
    """Its figure as printed."""
    return f"{found.printed:.{METRICS[found.column.rpartition('_')[2]][1]}f}"
