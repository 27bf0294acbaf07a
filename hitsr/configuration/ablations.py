"""Ablations: an axis is a list of options over a base method, and each option makes a method like any other.

An axis is declared in `hitsr/catalogs/ablations.yaml` and named in a run's `ablations`. Its variants take everything
from the run's entry of the base method (reduced options and training keys included) and change the axis' options
alone, so that nothing else can differ. They are trained, scored, counted and timed by the same rules as methods,
at the run's first scale, and are shown by the axis' own table and figure only. Nothing here imports torch.
"""

from hitsr.errors import ConfigError

PREFIX = "ablation-"
"""Of the name of an axis' table and figure."""


def slug(base: str, axis: str, variant: str) -> str:
    """Name of a variant in files and tables, such as `HiT-SIR+windows=fixed8`."""
    return f"{base}+{axis}={variant}"


def axes(given: dict, catalogue: dict, methods: dict) -> dict:
    """The axes of a run: what `hitsr/catalogs/ablations.yaml` says, changed by what the run says.

    Args:
        given: `ablations` of a run: by axis, None or the keys that it changes. Variants given by name replace the
            list of the catalogue, where a name of the catalogue keeps its options unless it has its own.
        catalogue: content of `hitsr/catalogs/ablations.yaml`. Its labels are for its options at the published size:
            where the run gives other options, it gives labels too, or names stand for them.
        methods: the run's methods, complete.

    Raises:
        ConfigError: an axis that is neither in the catalogue nor complete, or a variant without options.
    """
    found = {}
    for name, changes in given.items():
        known = catalogue.get(name, {})
        axis = {**known, **(changes or {})}
        lacking = [key for key in ("title", "base", "variants") if not axis.get(key)]
        if lacking:
            raise ConfigError(
                f"config.ablations.{name}: unknown axis; choose one of {', '.join(catalogue)}, or describe it with "
                f"title, base and variants (no {lacking[0]} given)"
            )
        variants = {
            variant: {**known.get("variants", {}).get(variant, {}), **(entry or {})}
            for variant, entry in axis["variants"].items()
        }
        for variant, entry in variants.items():
            if not entry.get("options"):
                raise ConfigError(
                    f"config.ablations.{name}.variants.{variant}: no options, so nothing differs from {axis['base']}; "
                    f"choose one of {', '.join(known.get('variants', {})) or '(none)'}, or give its options"
                )
            if "options" in (axis["variants"][variant] or {}) and "label" not in axis["variants"][variant]:
                entry["label"] = variant
        changed = {option for entry in variants.values() for option in entry["options"]}
        reduced = changed.intersection(methods.get(axis["base"], {}).get("options", {}))
        label = (changes or {}).get("base_label") or (axis["base"] if reduced else axis.get("base_label", axis["base"]))
        found[name] = {
            "title": axis["title"],
            "base": axis["base"],
            "base_label": label,
            "variants": {
                v: {"label": entry.get("label", v), "options": entry["options"]} for v, entry in variants.items()
            },
        }
    return found


def variants(found: dict, methods: dict) -> dict:
    """The variants of `axes` as methods by slug, complete as the entries of `methods`, with `axis` and `label`.

    Raises:
        ConfigError: the base is not among the methods, or a method has a variant's name.
    """
    made = {}
    for name, axis in found.items():
        if axis["base"] not in methods:
            raise ConfigError(
                f"config.ablations.{name}.base: {axis['base']!r} is not among the run's methods; add it under methods "
                f"or choose one of {', '.join(methods)}"
            )
        base = methods[axis["base"]]
        for variant, entry in axis["variants"].items():
            own = slug(axis["base"], name, variant)
            if own in methods:
                raise ConfigError(f"config.methods.{own}: the ablation {name!r} makes a method of this name; rename it")
            made[own] = {
                **base,
                "options": {**base["options"], **entry["options"]},
                "weights": {},
                "converts": axis["base"],
                "retrains": None,
                "axis": name,
                "label": entry["label"],
            }
    return made


def all_methods(config: dict) -> dict:
    """Methods of a complete configuration and, after them, the variants of its ablations."""
    return {**config["methods"], **config["variants"]}


def scales_of(config: dict, method: str) -> list[int]:
    """Scales that a method is measured at: all of the run's, or the first alone for a variant."""
    return config["scales"][:1] if method in config["variants"] else config["scales"]


def formulations_of(config: dict, method: str) -> list[str]:
    """Formulations that a method is timed in: the last alone for a variant, which figures show and nobody published."""
    timed = config["latency"]["formulations"]
    return timed[-1:] if method in config["variants"] else timed


def reports(config: dict) -> list[str]:
    """Names of the tables and figures that the run's ablations add to its report."""
    return [f"{PREFIX}{name}" for name in config["ablations"]]
