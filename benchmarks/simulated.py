"""Made-up runs whose truth is known, as measurement files that the suite collects and judges as those of any run.

The files are written once; `Simulation.draw` then draws trainings, images, timing rounds and curves anew, so that
hundreds of runs can be judged.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from hitsr.analysis import measurements, published
from hitsr.analysis.conditions import DIV2K
from hitsr.analysis.identity import IMAGES, fingerprints
from hitsr.configuration import measured_kinds, trained
from hitsr.configuration.ablations import all_methods, scales_of
from hitsr.configuration.questions import attributed, costed
from hitsr.configuration.steps.collect import seeds_of
from hitsr.results.records import collect, write_record

SCORES = {"psnr": (28.0, 1.0), "ssim": (0.9, 0.01), "diffusion_index": (15.0, 10.0)}
"""Mean of a score, and how much of it a gain of 1 dB is."""
WINDOWS = (4, 8, 16, 32, 64)
CURVE = tuple(range(5000, 500_001, 5000))
Gain = Callable[[str, str, int, str], float]


@dataclass
class Truth:
    """What is true of a made-up run.

    Attributes:
        gain: of a method over the weakest, by method, data set, scale and score, in dB or what `SCORES` takes for it.
        scatter: standard deviation over trainings (dB).
        heterogeneity: of the gain over images (dB): what other images would change.
        noise: of one image in one training (dB).
        speed: how much faster a method is than the slowest, by method and scale.
        jitter: relative standard deviation of timing rounds.
        memory: peak of a method, in MiB.
        size: parameters of a method.
        exponents: of the cost of an operator's window in its tokens, by quantity.
        rate: how much faster a method converges than the slowest, by method and data set.
        device: name of the GPU.
        trained_on: as a training records it.
    """

    gain: Gain = lambda method, dataset, scale, quantity: 0.0
    scatter: float = 0.02
    heterogeneity: float = 0.1
    noise: float = 0.05
    speed: Callable[[str, int], float] = lambda method, scale: 1.0
    jitter: float = 0.02
    memory: Callable[[str], float] = lambda method: 1000.0
    size: Callable[[str], float] = lambda method: 900e3
    exponents: Callable[[str, str], float] = lambda operator, quantity: 2.0
    rate: Callable[[str, str], float] = lambda method, dataset: 1.0
    device: str = "NVIDIA A100-SXM4-80GB (CUDA 12.8)"
    trained_on: dict = field(default_factory=lambda: {"name": "DIV2K", **DIV2K})


def ideal(ours: Callable[[str], bool]) -> Truth:
    """Everything as the paper says, by far, of methods that are `ours`: 7.5 times as fast, 0.5 dB on every image."""
    return Truth(
        gain=lambda method, *_: 0.5 if ours(method) else 0.0,
        speed=lambda method, scale: 7.5 if ours(method) else 1.0,
        memory=lambda method: 700.0 if ours(method) else 1000.0,
        size=lambda method: 800e3 if ours(method) else 900e3,
        exponents=lambda operator, quantity: 2.0 if operator == "W-SA" else 1.0,
        rate=lambda method, dataset: 2.2 if ours(method) else 1.0,
    )


def origin(truth: Truth) -> dict:
    """Provenance of a made-up file."""
    hardware = {"cpu": "A Processor", "gpu": truth.device}
    flags = {"matmul_tf32": False, "cudnn_tf32": False, "cudnn_benchmark": True, "cudnn_deterministic": False}
    return {
        "command": "made up", "commit": None, "dirty": None, "device": "cuda:0", "hardware": hardware, "threads": 1,
        "numerics": flags, "started": "2026-01-01T00:00:00+00:00", "duration_s": 1.0,
    }  # fmt: skip


class Simulation:
    """A run below the present folder, which must be empty.

    Attributes:
        table: the long table, as the suite reads it.
    """

    def __init__(self, config: dict, truth: Truth, seed: int = 0, rounds: int = 15):
        self.config, self.rounds = config, rounds
        self.files: list[Path] = []
        self._write(truth, np.random.default_rng(seed))
        collect(config["run"], self.files, Path("measurements.csv"))
        self.truth, self.table = truth, measurements.read(Path("measurements.csv"))

    def draw(self, truth: Truth, random: np.random.Generator) -> pd.DataFrame:
        """The long table of another run of the same configuration."""
        return self.draw_into(self.table, truth, random)

    def draw_into(
        self, table: pd.DataFrame, truth: Truth | None = None, random: np.random.Generator | None = None
    ) -> pd.DataFrame:
        """A long table of the same configuration with what was measured drawn anew."""
        truth, random = truth or self.truth, random or np.random.default_rng(1)
        values = table.value.to_numpy(float).copy()
        fixed = (table.method == "Bicubic").to_numpy()
        for quantity in (*SCORES, "test_psnr"):
            there = (table.quantity == quantity).to_numpy() & ~fixed
            if there.any():
                rows = table[there]
                drawn = (
                    curves(rows, truth, random) if quantity == "test_psnr" else scores(quantity, rows, truth, random)
                )
                values[there] = drawn
        times = self._write_times(truth, random)
        for number in np.flatnonzero((table.kind == "latency").to_numpy()):
            row = table.iloc[number]
            values[number] = times[row.scale, row.method, row.implementation, row.quantity]
        return table.assign(value=values)

    def _record(self, path: str, rows: list[dict], truth: Truth, **content: object) -> None:
        file = Path("results") / path
        file.parent.mkdir(parents=True, exist_ok=True)
        identity = {"method": None, "scale": None, "seed": None, **content}
        write_record(file, {**identity, "rows": rows, "provenance": origin(truth)})
        if file not in self.files:
            self.files.append(file)

    def _write(self, truth: Truth, random: np.random.Generator) -> None:
        config, kinds = self.config, measured_kinds(self.config)
        for method in all_methods(config):
            for scale in scales_of(config, method):
                if "complexity" in kinds and method in costed(config):
                    size = truth.size(method)
                    rows = [
                        {"quantity": "parameters", "value": size},
                        {"quantity": "macs_fvcore", "value": 250e3 * size},
                    ]
                    self._record(
                        f"count/{method}/x{scale}.json", rows, truth, kind="complexity", method=method, scale=scale
                    )
                for seed in seeds_of(config, method):
                    self._write_training(method, scale, seed, truth, random, kinds)
        self._write_times(truth, random)

    def _write_training(
        self, method: str, scale: int, seed: int, truth: Truth, random: np.random.Generator, kinds: list[str]
    ) -> None:
        config, identity = self.config, {"method": method, "scale": scale, "seed": seed}
        place = f"{method}/x{scale}/seed{seed}"
        if "quality" in kinds:
            for dataset in config["test_sets"]:
                self._write_scores(place, dataset, identity, truth)
        if "training" in kinds and method in trained(config):
            rows = [
                {"iteration": at, "dataset": dataset, "quantity": "test_psnr", "value": 0.0}
                for dataset in config["watched_sets"]
                for at in CURVE
            ]
            rows += [{"iteration": 500_000, "quantity": "validation_psnr", "value": 33.0}]
            extra = {"kind": "training", "trained_on": truth.trained_on}
            self._record(f"train/{place}/history.json", rows, truth, **identity, **extra)
        if "attribution" in kinds and method in attributed(config) and method not in config["variants"]:
            names = [(name, image) for name in config["test_sets"] for image in images_of(name, scale)]
            rows = [
                {"dataset": name, "image": image, "quantity": "diffusion_index", "value": 10.0}
                for name, image in names[: config["attribution"]["images"]]
            ]
            self._record(f"attribute/{place}.json", rows, truth, kind="attribution", **identity)

    def _write_scores(self, place: str, dataset: str, identity: dict, truth: Truth) -> None:
        scale, prints = identity["scale"], images_of(dataset, identity["scale"])
        rows = []
        for metric in self.config["metrics"]:
            printed = published.printed("Bicubic", scale, f"{published.COLUMN[dataset]}_{metric}")
            shared = {"dataset": dataset, "quantity": metric, "value": printed, "protocol": "paper"}
            rows += [{**shared, "image": image} for image in prints]
        extra = {"kind": "quality", "fingerprints": prints, "dataset": dataset}
        self._record(f"score/{place}/{dataset}.json", rows, truth, **identity, **extra)

    def _write_times(self, truth: Truth, random: np.random.Generator) -> dict[tuple, float]:
        """Write the files of timings; returns their values."""
        found: dict[tuple, float] = {}
        kinds, config = measured_kinds(self.config), self.config
        for scale in config["scales"] if "latency" in kinds else ():
            rows, raw, names = [], [], []
            for method in costed(config):
                for name in config["latency"]["implementations"]:
                    where = {"method": method, "implementation": name, "backend": "eager"}
                    where["input"] = "{}x{}".format(*config["latency"]["input"])
                    times = 2000 / truth.speed(method, scale) * np.exp(random.normal(0, truth.jitter, self.rounds))
                    rows += [
                        {**where, "quantity": "latency_median", "value": float(np.median(times))},
                        {**where, "quantity": "peak_memory", "value": truth.memory(method)},
                    ]
                    found |= {(scale, method, name, row["quantity"]): row["value"] for row in rows[-2:]}
                    raw.append({**where, "milliseconds": times.tolist()})
                    names.append(f"{method} ({name}, eager)")
            extra = {"kind": "latency", "rounds": raw, "groups": [names], "scale": scale}
            self._record(f"time/x{scale}.json", rows, truth, **extra)
        if "attention_cost" in kinds:
            self._write_operators(truth, random)
        return found

    def _write_operators(self, truth: Truth, random: np.random.Generator) -> None:
        rows, raw = [], []
        for operator in ("W-SA", "S-SC", "C-SC"):
            for side in WINDOWS:
                for name in ("reference", "optimized"):
                    where = {"method": operator, "input": f"{side}x{side}", "implementation": name}
                    cost = {
                        quantity: float(side**2) ** truth.exponents(operator, quantity)
                        for quantity in ("operator_macs", "operator_latency", "operator_memory")
                    }
                    cost["operator_memory"] *= float(np.exp(random.normal(0, 0.005)))
                    times = cost["operator_latency"] / side**2 * np.exp(random.normal(0, truth.jitter, self.rounds))
                    raw.append({**where, "milliseconds": times.tolist()})
                    kept = cost if name == "reference" else {k: v for k, v in cost.items() if k != "operator_macs"}
                    rows += [{**where, "quantity": quantity, "value": value} for quantity, value in kept.items()]
        self._record("attention_cost.json", rows, truth, kind="attention_cost", rounds=raw)


def images_of(dataset: str, scale: int) -> dict[str, str]:
    """Images of a public test set with their fingerprints; of Manga109 made-up ones, as nobody may pass them on."""
    if dataset in fingerprints():
        return fingerprints()[dataset][scale]
    return {f"volume{number:03}": f"{number:016x}" for number in range(IMAGES[dataset])}


def scores(quantity: str, rows: pd.DataFrame, truth: Truth, random: np.random.Generator) -> np.ndarray:
    """Scores of all rows: image, gain, chance in training, heterogeneity over images, and the rest."""
    level, unit = SCORES[quantity]
    images, places = pd.factorize(rows.dataset + "/" + rows.image)
    methods, _ = pd.factorize(rows.method + "/" + rows.scale.astype(str))
    seeds = rows.seed.fillna(0).to_numpy(int)
    first = rows.drop_duplicates(["method", "scale", "dataset"])
    gains = {
        (r.method, r.scale, r.dataset): truth.gain(r.method, r.dataset, int(r.scale), quantity)
        for r in first.itertuples()
    }
    gain = np.array([gains[key] for key in zip(rows.method, rows.scale, rows.dataset, strict=True)])
    count = methods.max() + 1
    base = random.normal(0, 2, len(places))[images]
    of_images = random.normal(0, truth.heterogeneity, (count, len(places)))[methods, images]
    of_trainings = random.normal(0, truth.scatter, (count, seeds.max() + 1))[methods, seeds]
    return level + unit * (gain + base + of_images + of_trainings + random.normal(0, truth.noise, len(rows)))


def curves(rows: pd.DataFrame, truth: Truth, random: np.random.Generator) -> np.ndarray:
    """PSNR while training: rises with the logarithm of the iteration, faster by the rate, with scatter as published."""
    start = {"Urban100": 32.3, "Manga109": 38.8}
    found = np.empty(len(rows))
    keys = pd.factorize(rows.method + "/" + rows.scale.astype(str) + "/" + rows.seed.astype(str))[0]
    own = random.normal(0, 0.05, keys.max() + 1)
    for dataset, of in rows.groupby("dataset", sort=False):
        place = rows.index.get_indexer(of.index)
        rates = np.array([truth.rate(method, dataset) for method in of.method])
        shifted = np.log(of.iteration.to_numpy(float) * rates / 210_000) + own[keys[place]]
        found[place] = start[dataset] + 0.45 * shifted + random.normal(0, 0.02, len(of))
    return found
