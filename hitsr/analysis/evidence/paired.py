"""Difference of a score over the same images, for each pair and scale, over the test sets of the claim."""

import math

from hitsr.analysis import comparisons as lineup
from hitsr.analysis import published
from hitsr.analysis.conditions import given_once
from hitsr.analysis.differences import Pair, scores
from hitsr.analysis.evidence.base import Compared, Evidence, Result, bound_of, interval_text
from hitsr.analysis.identity import Sets
from hitsr.analysis.run import Run
from hitsr.analysis.scores import ASSUMED, difference, scatter, trainings
from hitsr.analysis.verdicts import Rule
from hitsr.configuration.ablations import all_methods, scales_of
from hitsr.configuration.claims import kind_of
from hitsr.measure.metrics import declared_metrics


def paired(run: Run, claim: dict) -> Evidence:
    """Difference of the first method of each pair from the second.

    A base that the run trains by its own recipe and by ours is compared with twice.
    """
    config, quantity = run.config, claim["quantity"]
    metric = declared_metrics(config["plugins"]).get(quantity)
    digits = metric.declaration.digits + 1 if metric else 3
    above = metric is None or metric.declaration.higher_is_better
    margin, _ = bound_of(claim)
    where = claim["where"].get("dataset")
    estimand = f"mean difference over {'the images of ' + where if where else 'all images of the test sets'}"
    rule = Rule(estimand, "trainings and images", margin if above else -margin, above)
    evidence, sets = Evidence(rule), run.sets
    scored = kind_of(quantity, config["plugins"], "quantity") == "quality"
    for ours, theirs in pairs(config, claim):
        for scale in scales(config, claim, ours, theirs):
            names = _sets(sets, config, claim, scale, evidence) if scored else config["test_sets"]
            _compare(evidence, run, quantity, (ours, theirs), scale, names, digits)
    counts = [f"{n} images of {name}" for name, n in evidence.datasets.items()]
    if evidence.compared:
        evidence.conditions = [*counts, *_trainings(config, evidence), *dict.fromkeys(evidence.refused)]
    return evidence


def _compare(
    evidence: Evidence,
    run: Run,
    quantity: str,
    methods: tuple[str, str],
    scale: int,
    names: list[str],
    digits: int,
) -> None:
    config, (ours, theirs) = run.config, methods
    found = {name: scores(run.scored(quantity), Pair(ours, theirs, scale, name)) for name in names}
    strata = {name: both for name, (both, _) in found.items() if both}
    if not strata:
        evidence.unmeasured += [ours, theirs]
        return
    once = any(given_once(config, method, scale) for method in methods if method in all_methods(config))
    assumed = ASSUMED.get(quantity) if once else None
    estimate = difference(strata, assumed)
    said = f"{ours} − {theirs}, {', '.join(strata)} ×{scale}: {estimate.value:+.{digits}f}"
    if math.isnan(estimate.error):
        evidence.open.append("one image or an infinite score has no interval")
    if once and assumed is None and trainings(strata) < 2:
        evidence.open.append("one training of each method, and nothing is known of the scatter over trainings")
        estimate_used = None
    else:
        estimate_used = None if math.isnan(estimate.error) else estimate
    printed = [_printed(quantity, ours, theirs, scale, name, config) for name in strata]
    evidence.compared.append(
        Compared(
            Result(said, interval_text(estimate, f"+.{digits}f")),
            estimate_used,
            f"{ours} − {theirs} ×{scale}",
            trainings(strata),
            scatter(strata),
            printed[0] if len(printed) == 1 else None,
            tuple(dict.fromkeys(file for name in strata for file in found[name][1])),
        )
    )
    evidence.networks += [(ours, scale), (theirs, scale)]
    evidence.sources += [file for name in strata for file in found[name][1]]
    evidence.datasets |= {name: both.images for name, both in strata.items()}


def pairs(config: dict, claim: dict) -> list[tuple[str, str]]:
    """The pairs of a claim, and each first method with the same-recipe control of its second."""
    found = [(ours, theirs) for ours, theirs in claim["pairs"]]
    controls = [(ours, control(config, ours, theirs)) for ours, theirs in found]
    both = [pair for given, (ours, other) in zip(found, controls, strict=True) for pair in (given, (ours, other))]
    return [(ours, theirs) for ours, theirs in both if theirs is not None]


def scales(config: dict, claim: dict, *methods: str) -> list[int]:
    """Scales of a run that a claim is about and that the methods are measured at."""
    known = [scales_of(config, method) for method in methods if method in all_methods(config)]
    wanted = [scale for scale in config["scales"] if not claim["scales"] or scale in claim["scales"]]
    return [scale for scale in wanted if all(scale in of for of in known)]


def control(config: dict, ours: str, theirs: str) -> str | None:
    """The same-recipe control of a pair, if the run has the first method."""
    return lineup.control(config, ours, theirs) if ours in all_methods(config) else None


def _sets(sets: Sets, config: dict, claim: dict, scale: int, evidence: Evidence) -> list[str]:
    """The run's names of the test sets that a claim is about; what is not of the paper is noted."""
    where = claim["where"].get("dataset")
    if where is not None:
        found = sets.names(where, scale)
        # shown all the same, without a verdict where it must be the paper's
        stated = [name for name in config["test_sets"] if where in (name, _public(config, name))]
        evidence.foreign += [] if found else [sets.public(name, scale)[1] for name in stated]
        return found or stated
    if "paper_test_sets" not in claim["requires"]:
        return config["test_sets"]
    known = {name: sets.public(name, scale) for name in config["test_sets"]}
    found = [name for name, (public, _) in known.items() if public]
    reasons = evidence.refused if found else evidence.foreign
    reasons += [why for _, why in known.values() if why]
    return found or list(known)


def _public(config: dict, name: str) -> str | None:
    return config["datasets"].get(name, {}).get("public")


def _printed(quantity: str, ours: str, theirs: str, scale: int, dataset: str, config: dict) -> float | None:
    """The difference that Table 2 prints."""
    column = published.COLUMN.get(_public(config, dataset) or dataset)
    first, second = (published.printed(network(config, name), scale, f"{column}_{quantity}") for name in (ours, theirs))
    return None if first is None or second is None else first - second


def network(config: dict, method: str) -> str:
    """The network of a method, by which papers print it."""
    entry = all_methods(config).get(method)
    return (entry["network"] or method) if entry and not entry.get("axis") else method


def _trainings(config: dict, evidence: Evidence) -> list[str]:
    """How often each method was trained."""
    if all(given_once(config, method, scale) for method, scale in evidence.networks):
        return ["given weights of both"]
    seeds = len(config["seeds"])
    return [f"{seeds} training{'s' if seeds > 1 else ''} of each method"]
