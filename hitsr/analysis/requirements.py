"""The conditions without which a claim gets no verdict: what a run lacks of each, in words."""

from collections.abc import Callable

from hitsr.analysis.conditions import SIZES, claim_training_differs, device_of, network_differs, test_set_differs
from hitsr.analysis.evidence import Evidence

SEEDS = 3
"""Trainings of each method below which a difference may be chance in training."""


def unmet(evidence: Evidence, claim: dict, config: dict) -> list[str]:
    """What this run lacks of the conditions that a claim requires."""
    return [text for name in claim["requires"] for text in REQUIREMENTS[name](evidence, claim, config)]


def _published_size(evidence: Evidence, claim: dict, config: dict) -> list[str]:
    # what counts sizes counts them at the published one
    return [] if claim["quantity"] in SIZES else _per_method(evidence, config, network_differs)


def _paper_training(evidence: Evidence, claim: dict, config: dict) -> list[str]:
    return _per_method(evidence, config, claim_training_differs)


def _per_method(evidence: Evidence, config: dict, differs: Callable[[dict, str], str]) -> list[str]:
    """Each departure once, with the methods that it concerns."""
    found: dict[str, list[str]] = {}
    for method in evidence.methods:
        found.setdefault(differs(config, method), []).append(method)
    found.pop("", None)
    return [f"{', '.join(methods)}: {text}" if len(found) > 1 else text for text, methods in found.items()]


def _paper_test_sets(evidence: Evidence, claim: dict, config: dict) -> list[str]:
    return [text for name, images in evidence.datasets.items() if (text := test_set_differs(name, images))]


def _paper_input(evidence: Evidence, claim: dict, config: dict) -> list[str]:
    width, height = config["latency"]["input"]
    if not evidence.sources or (config["scales"] == [2] and (width, height) == (640, 360)):
        return []
    return [f"timed on {width}×{height}, not on 640×360 at ×2"]


def _gpu(evidence: Evidence, claim: dict, config: dict) -> list[str]:
    return (
        ["timed on a CPU, by the paper on a GPU"] if evidence.sources and not device_of(evidence.sources[0])[1] else []
    )


def _seeds(evidence: Evidence, claim: dict, config: dict) -> list[str]:
    seeds = len(config["seeds"])
    return [f"{seeds} of {SEEDS} trainings of each method"] if evidence.results and seeds < SEEDS else []


REQUIREMENTS = {
    "published_size": _published_size,
    "paper_training": _paper_training,
    "paper_test_sets": _paper_test_sets,
    "paper_input": _paper_input,
    "gpu": _gpu,
    "seeds": _seeds,
}
