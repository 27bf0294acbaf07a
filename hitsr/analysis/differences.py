"""Paired differences between two methods of a run, over the same images."""

from dataclasses import dataclass

import pandas as pd

from hitsr.analysis import comparisons as lineup
from hitsr.analysis.measurements import numbers
from hitsr.analysis.statistics import Comparison, compare, corrected
from hitsr.configuration.ablations import scales_of


@dataclass(frozen=True)
class Pair:
    """What is compared: a method with its base, at a scale, on a test set."""

    method: str
    base: str
    scale: int
    dataset: str


def difference(table: pd.DataFrame, quantity: str, pair: Pair) -> tuple[Comparison | None, list[str]]:
    """Compare the two methods over the images that both were measured on; None without any, and the files."""
    scores, files = [], []
    for method in (pair.method, pair.base):
        rows = numbers(table, quantity, method=method, scale=pair.scale, dataset=pair.dataset)
        if quantity in ("psnr", "ssim"):
            rows = rows[rows.variant == "paper"]
        scores.append(rows.assign(seed=rows.seed.fillna(0)).pivot_table(index="seed", columns="image", values="value"))
        files += list(rows.file.unique())
    common = scores[0].columns.intersection(scores[1].columns)
    if common.empty:
        return None, []
    return compare(*(score[common].to_numpy(float) for score in scores)), files


def differences(table: pd.DataFrame, quantity: str, pairs: list[Pair]) -> dict[Pair, tuple[Comparison, list[str]]]:
    """All pairs that were measured, with p-values corrected for their number (Holm)."""
    found = {pair: difference(table, quantity, pair) for pair in pairs}
    found = {pair: (comparison, files) for pair, (comparison, files) in found.items() if comparison}
    fair = corrected([comparison for comparison, _ in found.values()])
    return {pair: (comparison, found[pair][1]) for pair, comparison in zip(found, fair, strict=True)}


def pairs_with_bases(config: dict, methods: list[str]) -> list[Pair]:
    """Each of the methods against those that it is compared with, where the run has them."""
    return [
        Pair(method, base, scale, dataset)
        for method in methods
        for base in lineup.bases(config, method)
        for scale in scales_of(config, method)
        for dataset in config["test_sets"]
    ]
