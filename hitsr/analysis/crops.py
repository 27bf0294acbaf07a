"""Where a visual comparison looks: crops that the configuration gives, or that a rule chooses.

The rule: of all windows of an image, the one in which the networks differ most, that is with the largest standard
deviation of Y across their outputs, root mean square over the window; of several, the uppermost, then leftmost. It
looks at no reference, so it favours no method. Without given crops, the `crop_count` images with the largest such
windows are shown. The choice is written to `reports/RUN/crops.json`, which figures and page read.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from hitsr.analysis.measurements import numbers
from hitsr.data.degradation import crop_to_multiple
from hitsr.data.prepared import open_prepared
from hitsr.data.regions import largest_window
from hitsr.errors import ConfigError
from hitsr.measure.quality import luma
from hitsr.restore.restored import open_restored
from hitsr.results.layout import Layout
from hitsr.results.records import as_json, read_record, write_record

RULE = "largest standard deviation of Y across the networks' outputs, root mean square over the window"


@dataclass(frozen=True)
class Crop:
    """A window of a test image, in pixels of the high-resolution image.

    Attributes:
        spread: standard deviation of Y across the networks in it, in levels of 255; None if the crop is given.
    """

    dataset: str
    image: str
    x: int
    y: int
    width: int
    height: int
    spread: float | None = None

    @property
    def chosen(self) -> bool:
        """Whether the rule chose it."""
        return self.spread is not None

    def cut(self, image: np.ndarray) -> np.ndarray:
        """The crop of an array `(H, W, ...)`."""
        return image[self.y : self.y + self.height, self.x : self.x + self.width]


def path_of(config: dict) -> Path:
    """File of the run's choice of crops."""
    return Layout(config["run"]).crops


def scale_of(config: dict) -> int:
    """The scale that crops are shown at."""
    return config["report"]["crop_scale"] or config["scales"][0]


def write(table: pd.DataFrame, config: dict, output: Path) -> None:
    """Choose the crops of a run and record them with rule, scale and scores."""
    scale, found = scale_of(config), []
    for crop in choose(table, config):
        given = {m: {name: as_json(v) for name, v in own.items()} for m, own in scores(table, config, crop).items()}
        found.append({**asdict(crop), "scores": given})
    write_record(output, {"kind": "crops", "rule": RULE, "scale": scale, "crops": found})


def read(config: dict) -> list[Crop]:
    """The crops that `hitsr crops` recorded.

    Raises:
        ResultError: nothing is recorded yet.
    """
    fields = Crop.__dataclass_fields__
    return [Crop(**{key: crop[key] for key in fields}) for crop in read_record(path_of(config))["crops"]]


def choose(table: pd.DataFrame, config: dict) -> list[Crop]:
    """The crops of a run, given or chosen.

    Raises:
        ConfigError: a given crop reaches beyond its image, or names an image that was not scored.
    """
    given = config["report"]["crops"]
    if given:
        return [_given(entry, f"config.report.crops.{i}", table, config) for i, entry in enumerate(given)]
    scored = _scored(table, config)[["dataset", "image"]].drop_duplicates()
    scored = scored[scored.dataset.isin(config["test_sets"])]
    windows = [_widest(dataset, image, 96, 72, table, config) for dataset, image in scored.itertuples(index=False)]
    best = sorted(windows, key=lambda crop: crop.spread or 0.0, reverse=True)[: config["report"]["crop_count"]]
    return [crop for crop in windows if crop in best]


def original(dataset: str, image: str, config: dict) -> np.ndarray:
    """A high-resolution image, cropped to a multiple of the scale."""
    prepared = open_prepared(Layout(config["run"]).dataset(dataset), scale_of(config))
    return crop_to_multiple(prepared.high(image), scale_of(config))


def restored(method: str, dataset: str, image: str, table: pd.DataFrame, config: dict) -> np.ndarray:
    """What a method made of an image, with the first seed."""
    scale = scale_of(config)
    seed = _seed(table, config, method)
    return open_restored(Layout(config["run"]).restored(method, scale, seed, dataset)).read(dataset, image)


def _given(entry: dict, where: str, table: pd.DataFrame, config: dict) -> Crop:
    dataset, image = entry["dataset"], entry["image"]
    scored = _scored(table, config, dataset=dataset).image.unique()
    if image not in scored:
        raise ConfigError(f"{where}.image: {dataset} has no image {image!r}; there are {', '.join(scored)}")
    if "x" not in entry:
        return _widest(dataset, image, entry["width"], entry["height"], table, config)
    crop = Crop(**entry)
    height, width = original(dataset, image, config).shape[:2]
    if crop.x + crop.width > width or crop.y + crop.height > height:
        raise ConfigError(f"{where}: reaches beyond the image of {width}x{height} pixels")
    return crop


def _widest(dataset: str, image: str, width: int, height: int, table: pd.DataFrame, config: dict) -> Crop:
    """The window of an image in which the methods differ most; with fewer than two networks, all rows count, and HR."""
    methods = _shown(table, config)
    compared = [method for method in methods if config["methods"][method]["network"]]
    outputs = [luma(restored(method, dataset, image, table, config)) for method in compared]
    if len(outputs) < 2:
        others = [luma(restored(method, dataset, image, table, config)) for method in methods if method not in compared]
        outputs += [*others, luma(original(dataset, image, config))]
    return Crop(dataset, image, *widest_spread(np.stack(outputs), width, height, scale_of(config)))


def widest_spread(outputs: np.ndarray, width: int, height: int, border: int) -> tuple[int, int, int, int, float]:
    """The window in which images differ most.

    Args:
        outputs: Y of each method, `(methods, H, W)`.
        width, height: of the window; at most what `border` pixels on each side leave of the image.

    Returns:
        x, y, width, height of the window, and the standard deviation across methods, root mean square over it.
    """
    inner = outputs[:, border:-border, border:-border]
    height, width = min(height, inner.shape[1]), min(width, inner.shape[2])
    x, y, variance = largest_window(inner.var(axis=0), width, height)
    return x + border, y + border, width, height, variance**0.5


def _shown(table: pd.DataFrame, config: dict) -> list[str]:
    """Methods that were scored at the scale of the crops."""
    scored = set(_scored(table, config).method)
    return [method for method in config["methods"] if method in scored]


def scores(table: pd.DataFrame, config: dict, crop: Crop) -> dict[str, dict[str, float]]:
    """Every metric of the whole image by method, of the seed that is shown."""
    found = {}
    for method in _shown(table, config):
        where = {"method": method, "scale": scale_of(config), "seed": _seed(table, config, method)}
        rows = table[
            (table.dataset == crop.dataset) & (table.image == crop.image) & table.quantity.isin(config["metrics"])
        ]
        for column, value in where.items():
            rows = rows[rows[column] == value]
        found[method] = dict(zip(rows.quantity, rows.value.astype(float), strict=True))
    return found


def _scored(table: pd.DataFrame, config: dict, **where: object) -> pd.DataFrame:
    """What was scored at the scale of the crops, by the first metric."""
    return numbers(table, config["metrics"][0], scale=scale_of(config), **where)


def _seed(table: pd.DataFrame, config: dict, method: str) -> int:
    """The seed that is shown: the first."""
    return int(_scored(table, config, method=method).seed.min())
