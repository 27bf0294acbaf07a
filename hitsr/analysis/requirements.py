"""The conditions without which a claim gets no verdict: what a run lacks of each, in words."""

from collections.abc import Callable

from hitsr.analysis.conditions import SIZES, given_once, network_differs
from hitsr.analysis.evidence import Evidence
from hitsr.analysis.identity import device
from hitsr.analysis.run import Run

SEEDS = 3
"""Trainings of each method below which a difference may be chance in training."""
INPUT = (640, 360)
"""Low-resolution input of the paper's timing at x2."""
A100 = "A100"


def unmet(evidence: Evidence, run: Run, claim: dict) -> dict[str, list[str]]:
    """What this run lacks of each of the conditions that a claim requires; none of those that it meets."""
    found = {name: REQUIREMENTS[name](evidence, run, claim) for name in claim["requires"]}
    return {name: texts for name, texts in found.items() if texts}


def _published_size(evidence: Evidence, run: Run, claim: dict) -> list[str]:
    # what counts sizes counts them at the published one
    if claim["quantity"] in SIZES:
        return []
    return _each(evidence, lambda method, scale: network_differs(run.config, method))


def _paper_training(evidence: Evidence, run: Run, claim: dict) -> list[str]:
    return _each(evidence, run.training_differs)


def _each(evidence: Evidence, differs: Callable[[str, int], str]) -> list[str]:
    """Each departure once, with the methods that it concerns."""
    found: dict[str, list[str]] = {}
    for method, scale in evidence.networks:
        found.setdefault(differs(method, scale), []).append(method)
    found.pop("", None)
    return [
        f"{', '.join(dict.fromkeys(methods))}: {text}" if len(evidence.methods) > 1 else text
        for text, methods in found.items()
    ]


def _paper_test_sets(evidence: Evidence, run: Run, claim: dict) -> list[str]:
    return list(dict.fromkeys(evidence.foreign))


def _paper_input(evidence: Evidence, run: Run, claim: dict) -> list[str]:
    width, height = run.config["latency"]["input"]
    if not evidence.sources or (width, height) == INPUT:
        return []
    return [f"timed on {width}×{height}, not on {INPUT[0]}×{INPUT[1]}"]


def _gpu(evidence: Evidence, run: Run, claim: dict) -> list[str]:
    if not evidence.sources or device(evidence.sources[0])[1]:
        return []
    return ["timed on a CPU, by the paper on a GPU"]


def _a100(evidence: Evidence, run: Run, claim: dict) -> list[str]:
    if not evidence.sources or A100 in device(evidence.sources[0])[0]:
        return []
    return [f"timed on {device(evidence.sources[0])[0]}, by the paper on an A100"]


def _seeds(evidence: Evidence, run: Run, claim: dict) -> list[str]:
    trained = [(method, scale) for method, scale in evidence.networks if not given_once(run.config, method, scale)]
    seeds = len(run.config["seeds"])
    return [f"{seeds} of {SEEDS} trainings of each method"] if evidence.results and trained and seeds < SEEDS else []


REQUIREMENTS = {
    "published_size": _published_size,
    "paper_training": _paper_training,
    "paper_test_sets": _paper_test_sets,
    "paper_input": _paper_input,
    "gpu": _gpu,
    "a100": _a100,
    "seeds": _seeds,
}
