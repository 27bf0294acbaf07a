"""Made-up runs whose truth is known, and what claims say of them.

The runs are measurement files (`benchmarks/simulated.py`) that are collected, read and judged as those of any run.
"""

import dataclasses
from pathlib import Path

from simulated import Simulation, Truth, ideal

from hitsr.analysis import claims, measurements
from hitsr.analysis.run import Run
from hitsr.configuration import claims as catalogue
from hitsr.configuration import resolve
from hitsr.results.records import collect, read_record, write_record

SMALL = {
    "run": "made-up",
    "seeds": [0, 1, 2],
    "methods": {"Bicubic": {}, "SwinIR-Light": {"recipe": "hit"}, "HiT-SIR": {"recipe": "hit"}},
    "ablations": {"windows": {"variants": {"fixed8": {}, "fixed32": {}, "shrinking": {}}}},
    "datasets": {name: {"public": name} for name in ("Set5", "Set14", "Urban100")} | {"DIV2K": {"folder": "x"}},
    "training_set": "DIV2K",
    "test_sets": ["Set5", "Set14", "Urban100"],
    "watched_sets": ["Urban100"],
    "latency": {"input": [640, 360], "implementations": ["reference", "optimized"]},
    "report": {"tables": ["main", "efficiency", "attention_cost"], "figures": ["convergence", "attribution"]},
}
ONE_PAIR = [["HiT-SIR", "SwinIR-Light"]]


def ours(method: str) -> bool:
    return method == "HiT-SIR"


IDEAL = ideal(ours)


def of_one_pair(claim: dict) -> dict:
    """A claim of the catalogue about HiT-SIR alone, which the small run has."""
    pairs = [pair for pair in claim["pairs"] if pair[0].split("+")[0] in ("HiT-SIR", "SwinIR-Light")]
    return {**claim, "pairs": pairs, "targets": {name: t for name, t in claim["targets"].items() if name == "Urban100"}}


class Judged:
    """A made-up run, and its findings by claim."""

    def __init__(self, changes: dict | None = None, truth: Truth = IDEAL, seed: int = 0):
        self.config = resolve({**SMALL, **(changes or {})})
        self.simulation = Simulation(self.config, truth, seed)
        self.known = {name: of_one_pair(claim) for name, claim in catalogue.claims().items()}

    def judge(self, table=None, **changed: str) -> dict[str, claims.Finding]:
        run = Run(self.simulation.table if table is None else table, self.config)
        found = [f for key, claim in self.known.items() for f in claims.findings_of(key, claim, run)]
        return {finding.key: finding for finding in found}

    def again(self, change, kind: str) -> dict[str, claims.Finding]:
        """Judge after `change` of the content of every file of a kind, collected anew."""
        for file in self.simulation.files:
            content = read_record(file)
            if content["kind"] == kind:
                write_record(file, change(content))
        collect("made-up", self.simulation.files, Path("measurements.csv"))
        table = measurements.read(Path("measurements.csv"))
        # drawing writes the files of timings anew
        return self.judge(table if kind == "latency" else self.simulation.draw_into(table))


def null(rule_breaker: float) -> Truth:
    """HiT-SIR equal to SwinIR-Light and to one variant, better than the others."""
    equal = {"HiT-SIR", "SwinIR-Light", "HiT-SIR+windows=fixed8"}
    return dataclasses.replace(
        IDEAL,
        gain=lambda method, *_: 0.5 if method in equal else 0.0,
        speed=lambda method, scale: rule_breaker if ours(method) else 1.0,
        exponents=lambda operator, quantity: 1.1,
        rate=lambda method, dataset: 1.0,
    )
