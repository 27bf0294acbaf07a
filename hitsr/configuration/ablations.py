"""Ablations: an axis is a list of variants of a base method, and each variant is a method like any other.

An axis is declared in `hitsr/catalogs/ablations.yaml` or by the run. Its variants take everything from the run's entry
of the base method (reduced options and training keys included) and change what the axis says alone, so that nothing
else can differ: options of the network, keys of its training, its recipe or its training data. They are trained,
scored, counted and timed by the same rules as methods, at the run's first scale, and are shown by the axis' own table
and figure only. Nothing here imports torch.
"""

from collections.abc import Mapping
from typing import Any

from hitsr.configuration.methods import as_computed, options_of_recipe, trained_by
from hitsr.configuration.models.ablation import CHANGES, Axis, Variant
from hitsr.errors import ConfigError
from hitsr.report.contents import PREFIX
from hitsr.schema.types import as_yaml, unknown


def slug(base: str, axis: str, variant: str) -> str:
    """Name of a variant in files and tables, such as `HiT-SIR+windows=fixed8`."""
    return f"{base}+{axis}={variant}"


def axes(given: Mapping[str, Axis], catalogue: Mapping[str, Axis]) -> dict[str, Axis]:
    """The axes of a run: what `hitsr/catalogs/ablations.yaml` says, changed by what the run says.

    Args:
        given: axes of the run with the keys that it changes. Variants given by name replace the list of the catalogue,
            where a name of the catalogue keeps what it does not state.
        catalogue: axes of the catalogue. Labels there are of what they stand beside: where the run states other
            changes, it gives labels too, or names stand for them.

    Raises:
        ConfigError: an axis that is neither in the catalogue nor complete, or a variant that changes nothing.
    """
    found = {}
    for name, changes in given.items():
        known = catalogue.get(name, Axis())
        axis = known.model_copy(update={key: getattr(changes, key) for key in changes.model_fields_set})
        lacking = [key for key in ("title", "base", "variants") if not getattr(axis, key)]
        if lacking:
            raise ConfigError(
                f"config.ablations.{name}: {unknown('axis', name, catalogue)}, or describe it with title, base and "
                f"variants (no {lacking[0]} given)"
            )
        standard = known.variants or {}
        variants = {own: _variant(own, entry, standard.get(own)) for own, entry in (axis.variants or {}).items()}
        for own, entry in variants.items():
            if not any(getattr(entry, key) for key in CHANGES):
                choices = ", ".join(map(as_yaml, standard)) or "(none)"
                raise ConfigError(
                    f"config.ablations.{name}.variants.{own}: no options, so nothing differs from {axis.base}; choose "
                    f"one of {choices}, or give it {', '.join(CHANGES[:-1])} or {CHANGES[-1]}"
                )
            if entry.stands_for is not None and entry.stands_for not in standard:
                raise ConfigError(
                    f"config.ablations.{name}.variants.{own}.stands_for: "
                    f"{unknown('variant of the catalogue', entry.stands_for, standard)}"
                )
        found[name] = axis.model_copy(update={"variants": variants})
    return found


def _variant(name: str, entry: Variant, known: Variant | None) -> Variant:
    if known is None:
        return entry
    stated = {key: getattr(entry, key) for key in entry.model_fields_set}
    if "label" not in stated and any(key in stated for key in CHANGES):
        stated["label"] = name
    return known.model_copy(update=stated)


def shown(found: Mapping[str, Axis], given: Mapping[str, Axis], methods: Mapping[str, dict]) -> dict[str, dict]:
    """`axes` as tables and figures show them: by name, `title`, `base`, `base_label`, and the variants with labels."""
    return {name: _shown(axis, given[name].base_label, methods.get(_base(axis), {})) for name, axis in found.items()}


def _shown(axis: Axis, stated: str | None, base: Mapping[str, Any]) -> dict[str, Any]:
    variants = axis.variants or {}
    changed = {option for entry in variants.values() for option in entry.options or {}}
    # the catalogue's label is of the base method at its published size
    reduced = changed.intersection(base.get("options", {}))
    return {
        "title": axis.title,
        "base": axis.base,
        "base_label": stated or (axis.base if reduced else axis.base_label or axis.base),
        "variants": {
            name: {"options": {}, **entry.given(), "label": entry.label or name} for name, entry in variants.items()
        },
    }


def variants(found: Mapping[str, Axis], methods: Mapping[str, dict]) -> dict[str, dict]:
    """The variants of `axes` as methods by slug, complete as the entries of `methods`, with `axis` and `label`.

    Raises:
        ConfigError: the base is not among the methods, or a method has a variant's name.
    """
    made = {}
    for name, axis in found.items():
        base = _base(axis)
        if base not in methods:
            raise ConfigError(
                f"config.ablations.{name}.base: {base!r} is not among the run's methods; add it under methods "
                f"or choose one of {', '.join(map(as_yaml, methods))}"
            )
        for variant, entry in (axis.variants or {}).items():
            own = slug(base, name, variant)
            if own in methods:
                raise ConfigError(f"config.methods.{own}: the ablation {name!r} makes a method of this name; rename it")
            where = f"config.ablations.{name}.variants.{variant}"
            stood = slug(methods[base]["stands_for"] or base, name, entry.stands_for or variant)
            made[own] = {
                **_changed(base, methods[base], entry, where),
                "axis": name,
                "label": entry.label or variant,
                "stands_for": None if stood == own else stood,
            }
    return made


def _base(axis: Axis) -> str:
    """The base of an axis of `axes`, which are complete."""
    assert axis.base is not None
    return axis.base


def _changed(name: str, base: dict, variant: Variant, where: str) -> dict[str, Any]:
    """A method that differs from `base` in what a variant says alone."""
    if base["network"] is None:
        raise ConfigError(f"{where}: {name} is no network, so nothing of it can be changed; choose another base")
    options = {**base["options"], **options_of_recipe(base["network"], variant.recipe), **(variant.options or {})}
    changes = {
        "options": options,
        "train": trained_by(base["train"], variant.recipe, variant.train, where),
        "training_set": variant.training_set or base["training_set"],
    }
    if all(changes[key] == base[key] for key in changes):
        raise ConfigError(f"{where}: changes nothing, since {name} has the same values already; take it out")
    same = as_computed(options) == as_computed(base["options"])
    return {
        **base,
        **changes,
        "recipe": variant.recipe or base["recipe"],
        "weights": {},
        "published": [],
        "unavailable": {},
        "baseline": name,
        "retrains": name if same else None,
    }


def all_methods(config: dict) -> dict:
    """Methods of a complete configuration and, after them, the variants of its ablations."""
    return {**config["methods"], **config["variants"]}


def scales_of(config: dict, method: str) -> list[int]:
    """Scales that a method is measured at: all of the run's, or the first alone for a variant."""
    return config["scales"][:1] if method in config["variants"] else config["scales"]


def implementations_of(config: dict, method: str) -> list[str]:
    """Implementations that a method is timed in: the last alone for a variant, which nobody published."""
    timed = config["latency"]["implementations"]
    return timed[-1:] if method in config["variants"] else timed


def reports(config: dict) -> list[str]:
    """Names of the tables and figures that the run's ablations add to its report."""
    return [f"{PREFIX}{name}" for name in config["ablations"]]
