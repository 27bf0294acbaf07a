"""Which claims a run can decide before it starts, and what difference it can find: from its configuration alone."""

from dataclasses import dataclass

from hitsr.analysis import power
from hitsr.analysis.conditions import network_differs, recipe_differs
from hitsr.analysis.evidence.paired import pairs, scales
from hitsr.analysis.requirements import SEEDS
from hitsr.configuration import measured_kinds
from hitsr.configuration.ablations import all_methods
from hitsr.configuration.claims import claims, kind_of
from hitsr.configuration.recipes import HIT, published_recipe


@dataclass(frozen=True)
class Decidable:
    """One claim.

    Attributes:
        lacks: why the run cannot decide it, as far as the configuration says; empty if it can.
        least: smallest differences (dB) that it can find, if chance in training is small and if it is large; None where
            trainings play no role, or the score is none in dB.
    """

    claim: str
    lacks: str
    least: tuple[float, float] | None


def decidable(config: dict) -> list[Decidable]:
    """Every claim, as far as a configuration says without data, weights and devices."""
    return [_decidable(key, claim, config) for key, claim in claims(config["plugins"]).items()]


def _decidable(key: str, claim: dict, config: dict) -> Decidable:
    lacks = "; ".join(dict.fromkeys(_lacking(claim, config)))
    trains = claim["test"] == "paired" and claim["quantity"].startswith("psnr")
    seeds = len(config["seeds"])
    least = tuple(power.findable(scatter, seeds) for scatter in power.EXPECTED) if trains and seeds > 1 else None
    return Decidable(key, lacks, None if least is None else (least[0], least[1]))


def _lacking(claim: dict, config: dict) -> list[str]:
    kind = kind_of(claim["quantity"], config["plugins"], "quantity")
    if kind not in measured_kinds(config):
        return ["not measured; name it under report.claims"]
    known, needs = all_methods(config), claim["requires"]
    absent = [name for pair in claim["pairs"] for name in pair if name not in known]
    if absent:
        return [f"not in the run: {', '.join(dict.fromkeys(absent))}"]
    methods = list(dict.fromkeys(name for pair in pairs(config, claim) for name in pair))
    found = [] if not claim["pairs"] or scales(config, claim) else ["another scale"]
    if "published_size" in needs and kind != "complexity":
        found += _together({name: network_differs(config, name) for name in methods})
    if "paper_training" in needs:
        found += _together({name: _training(known[name]) for name in methods})
    where = claim["where"].get("dataset")
    stated = {config["datasets"].get(name, {}).get("public", name) for name in config["test_sets"]}
    if where and where not in stated:
        found.append(f"{where} is not a test set of the run")
    watched = {config["datasets"].get(name, {}).get("public", name) for name in config["watched_sets"]}
    found += [f"{name} is not watched (`watched_sets`)" for name in claim["targets"] if name not in watched]
    trained = any(not known[name]["weights"] for name in methods)
    if "seeds" in needs and trained and len(config["seeds"]) < SEEDS:
        found.append(f"{len(config['seeds'])} of {SEEDS} seeds")
    if "paper_input" in needs and config["latency"]["input"] != [640, 360]:
        found.append("latency.input is not [640, 360]")
    wanted = claim["where"].get("implementation")
    if kind == "latency" and wanted and wanted not in config["latency"]["implementations"]:
        found.append(f"latency.implementations lacks {wanted}")
    return found


def _together(texts: dict[str, str]) -> list[str]:
    """Each text once, with the methods that it is about."""
    found: dict[str, list[str]] = {}
    for name, text in texts.items():
        found.setdefault(text, []).append(name)
    found.pop("", None)
    return [f"{', '.join(names)}: {text}" for text, names in found.items()]


def _training(entry: dict) -> str:
    """How a training departs from the recipe of HiT-SR and from its network's own: the shorter of both."""
    if entry["network"] is None or entry["weights"]:
        return ""
    own = published_recipe(entry["network"]) or HIT
    return min((", ".join(recipe_differs(entry["train"], name)) for name in (HIT, own)), key=len)


def rows(found: list[Decidable]) -> list[list[str]]:
    """Rows of the table of claims: each with what it lacks."""
    return [[one.claim, "no" if one.lacks else "yes", one.lacks] for one in found]


def share(found: list[Decidable]) -> str:
    """How many claims the run can decide."""
    return f"{sum(not one.lacks for one in found)} of {len(found)}"


def findable(found: list[Decidable]) -> list[str]:
    """What difference the run can find, as a sentence; none where no claim asks for one."""
    least = next((one.least for one in found if one.least and not one.lacks), None)
    if least is None:
        return []
    small, large = power.EXPECTED
    return [
        f"Differences of PSNR that are found with a chance of 80 %: from {least[0]:.3f} dB if trainings scatter by "
        f"{small} dB, from {least[1]:.3f} dB if by {large} dB; chance over images comes on top."
    ]
