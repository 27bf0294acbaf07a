"""Settings of the step that collects all measurements: which files there are, and how each must have been made."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from hitsr.configuration.ablations import all_methods, scales_of
from hitsr.configuration.questions import (
    attributed,
    costed,
    measured_kinds,
    networks,
    scored_scales,
    trained,
    used_sets,
)
from hitsr.configuration.steps.base import IDENTITY, Settings, Step
from hitsr.results.layout import Layout

Make = Callable[..., Step]
"""Makes the settings of a step from its noun and, by keyword, what tells its jobs apart."""
Job = tuple[str, dict[str, Any]]
"""Noun of a step, and what tells its jobs apart."""


class Expected(Settings):
    """How a record must have been made: its digests, and what it must say that it is.

    Attributes:
        collected: whether it holds measurements; else it is what they are made of.
    """

    step: str
    config_digest: str
    source_digest: str
    identity: dict[str, Any]
    collected: bool


class CollectSettings(Step):
    """The long table of a run.

    Attributes:
        files: every record of the run.
        settings: by digest of settings: what a message needs to say in what a file differs.
        sources: by fingerprint: the same of the code.
        keep_stale: whether files that were made otherwise are collected, and marked, instead of refused.
    """

    noun: ClassVar[str] = "collect"
    run: str
    files: dict[str, Expected]
    settings: dict[str, dict[str, Any]]
    sources: dict[str, dict[str, str]]
    keep_stale: bool

    def entries(self) -> tuple[str, ...]:
        return ("hitsr.results.collecting", "hitsr.results.records")


def seeds_of(config: dict, method: str) -> list[int]:
    """Seeds of the results of a method: one that is not trained has one result whatever the seed."""
    return config["seeds"] if method in trained(config) else config["seeds"][:1]


def files_of(config: dict, kind: str) -> dict[Path, Job]:
    """Measurement files of one kind, each with the job that makes it."""
    layout = Layout(config["run"])
    place: Callable[..., Path]
    if kind in ("leaks", "attention_cost"):
        return {layout.leaks: ("leaks", {})} if kind == "leaks" else {layout.time_attention: ("time_attention", {})}
    if kind in ("latency", "resolutions"):
        noun, place = ("time", layout.time) if kind == "latency" else ("time_resolutions", layout.time_resolutions)
        return {place(scale): (noun, {"scale": scale}) for scale in config["scales"] if networks(config)}
    if kind == "bicubic":
        each = [{"dataset": dataset, "scale": scale} for dataset in config["test_sets"] for scale in config["scales"]]
        return {layout.bicubic(**job): ("bicubic", job) for job in each}
    methods = {"quality": list(all_methods(config)), "training": trained(config), "complexity": costed(config)}
    pairs: list[dict[str, Any]] = [
        {"method": method, "scale": scale}
        for method in (attributed(config) if kind == "attribution" else methods[kind])
        for scale in (scales_of if kind == "complexity" else scored_scales)(config, method)
    ]
    if kind == "complexity":
        return {layout.count(**pair): ("count", pair) for pair in pairs}
    results = [{**pair, "seed": seed} for pair in pairs for seed in seeds_of(config, pair["method"])]
    if kind == "quality":
        scored = [{**result, "dataset": dataset} for result in results for dataset in config["test_sets"]]
        return {layout.score(**result): ("score", result) for result in scored}
    noun, place = ("train", layout.history) if kind == "training" else ("attribute", layout.attribution)
    return {place(**result): (noun, result) for result in results}


def all_files(config: dict) -> dict[Path, Job]:
    """Every measurement file of a run, each with the job that makes it."""
    return {path: job for kind in measured_kinds(config) for path, job in files_of(config, kind).items()}


def made_of(config: dict) -> dict[Path, Job]:
    """Records of a run that measurement files are made of, each with the job that makes it."""
    layout, kinds = Layout(config["run"]), measured_kinds(config)
    found: dict[Path, Job] = {}
    if "quality" in kinds:
        found = {layout.restored(**job): ("restore", job) for _, job in files_of(config, "quality").values()}
    if {"quality", "attribution"}.intersection(kinds):
        found |= files_of(config, "training")
    sets = used_sets(config) if {"quality", "bicubic", "attribution", "training", "leaks"}.intersection(kinds) else ()
    jobs = [{"dataset": name, "scale": scale} for name in sets for scale in config["scales"]]
    return found | {layout.images(**job): ("prepare", job) for job in jobs}


def collect(config: dict, make: Make) -> CollectSettings:
    """Settings of collecting all measurements of a run.

    Args:
        make: makes the settings of each step.
    """
    measured = all_files(config)
    steps = {path: make(noun, **job) for path, (noun, job) in {**made_of(config), **measured}.items()}
    kinds = {step.fingerprint: step for step in steps.values()}
    return CollectSettings(
        run=config["run"],
        files={str(path): _expected(step, path in measured) for path, step in steps.items()},
        settings={step.digest: step.deciding() for step in steps.values()},
        sources={fingerprint: step.code for fingerprint, step in kinds.items()},
        keep_stale=config["report"]["keep_stale"],
    )


def _expected(step: Step, collected: bool) -> Expected:
    return Expected(
        step=step.noun,
        config_digest=step.digest,
        source_digest=step.fingerprint,
        identity={key: getattr(step, key) for key in IDENTITY if key in type(step).model_fields},
        collected=collected,
    )
