"""The methods that tables and figures set side by side, in their order, and which of them belong together.

A method that only trains the network of another one otherwise is its *control*: it costs what that one costs, and where
it is trained as the method that converts the network, the two are compared like for like.
"""

from hitsr.configuration.ablations import all_methods, slug
from hitsr.configuration.questions import distinct, networks
from hitsr.configuration.recipes import PROTOCOL

__all__ = [
    "bases",
    "compared",
    "control",
    "controlled",
    "costs_as",
    "distinct",
    "fair_base",
    "families",
    "networks",
    "of_axis",
]


def costs_as(config: dict, method: str) -> str:
    """The method that is counted and timed for `method`: itself, or the one whose network it trains otherwise."""
    return all_methods(config)[method]["retrains"] or method


def control(config: dict, method: str, base: str) -> str | None:
    """The same-recipe control of a comparison: the network of `base` trained as `method` is, where `base` is not."""
    everything = all_methods(config)
    if base not in everything or _same_training(everything[method], everything[base]):
        return None
    found = (name for name, entry in everything.items() if entry["retrains"] == base and name != method)
    return next((name for name in found if _same_training(everything[name], everything[method])), None)


def bases(config: dict, method: str) -> list[str]:
    """What a method is compared with: the method it converts or changes, then that one's same-recipe control."""
    base = all_methods(config)[method]["baseline"]
    if base not in all_methods(config):
        return []
    return [name for name in (base, control(config, method, base)) if name]


def controlled(config: dict) -> bool:
    """Whether any method of the run is compared with a control too."""
    return any(len(bases(config, method)) > 1 for method in config["methods"])


def fair_base(config: dict, method: str) -> str | None:
    """The one of `bases` that is compared like for like, as far as the run has it."""
    return next(reversed(bases(config, method)), None)


def compared(config: dict) -> list[str]:
    """Methods of the run that are no interpolations: networks, external programs and ready images."""
    return [name for name, entry in config["methods"].items() if not entry["interpolation"]]


def families(config: dict, names: list[str] | None = None) -> list[list[str]]:
    """Methods grouped with what converts them, such as `[SwinIR-Light, HiT-SIR]`; others stand alone.

    Args:
        names: methods to group; all that are no interpolations if left out.
    """
    names = compared(config) if names is None else names
    groups: dict[str, list[str]] = {}
    for name in names:
        base = config["methods"][name]["baseline"]
        while base in names and config["methods"][base]["baseline"] in names:
            base = config["methods"][base]["baseline"]
        groups.setdefault(base if base in names else name, []).append(name)
    return [sorted(group, key=lambda name: name != base) for base, group in groups.items()]


def of_axis(config: dict, axis: str) -> dict[str, str]:
    """Methods of an ablation and what tables and figures call them: the base method first, then its variants."""
    entry = config["ablations"][axis]
    variants = {slug(entry["base"], axis, name): variant["label"] for name, variant in entry["variants"].items()}
    return {entry["base"]: entry["base_label"], **variants}


def _same_training(first: dict, second: dict) -> bool:
    return all(first["train"][key] == second["train"][key] for key in PROTOCOL)
