"""From the entry of a method to a complete one: what it is, how it is trained, how figures show it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from hitsr.configuration.models.method import AVAILABLE, PUBLISHED, Method
from hitsr.configuration.models.run import Run
from hitsr.configuration.models.train import Train
from hitsr.configuration.published_weights import find, how_to_get, planned
from hitsr.configuration.recipes import OF_TRAINING, recipe, recipe_options
from hitsr.configuration.weights import weights_root
from hitsr.errors import ConfigError, HitsrError, OptionError
from hitsr.networks import registry
from hitsr.networks.declaration import Declaration, Interpolation
from hitsr.networks.discovery import PALETTE
from hitsr.schema.types import as_yaml, unknown

OF_NETWORKS = ("options", "recipe", "train", "training_set", "weights")
"""Keys that only a method with a network has."""


def methods(run: Run, catalogue: Mapping[str, dict] | None = None) -> dict[str, dict[str, Any]]:
    """The methods of a run, complete.

    Args:
        catalogue: methods that there are; those of `registry.methods()` if left out.

    Raises:
        ConfigError: a method that there is not, or whose keys do not fit each other.
    """
    catalogue = _catalogue(run.plugins) if catalogue is None else catalogue
    own = {
        name: {**Declaration().model_dump(), "network": entry.network, "options": entry.options}
        for name, entry in run.methods.items()
        if name not in catalogue and entry.extends is None and entry.kind is not None
    }
    _check_new(run, catalogue)
    known = {**catalogue, **own}
    found = {name: _complete(name, entry, known, run) for name, entry in run.methods.items()}
    taken = {entry["colour"] for entry in found.values()}
    free = [colour for colour in PALETTE if colour not in taken] or list(PALETTE)
    for number, entry in enumerate(entry for entry in found.values() if entry["colour"] is None):
        entry["colour"] = free[number % len(free)]
    for entry in found.values():
        entry["retrains"] = _retrained(entry, found)
    return found


def _catalogue(plugins: list[str]) -> dict[str, dict]:
    for i, folder in enumerate(plugins):
        try:
            registry.methods([folder])
        except OptionError as error:
            raise ConfigError(f"config.plugins.{i}: {error}") from error
    return registry.methods(plugins)


def trained_by(train: dict[str, Any], name: str | None, own: Train | None, where: str) -> dict[str, Any]:
    """Keys of `train` with those of a recipe, and then those that a method or variant states itself.

    Args:
        where: path of the method or variant.

    Raises:
        ConfigError: no such recipe.
    """
    published = recipe(name, f"{where}.recipe") if name else {}
    return {**train, **published, **(own.given() if own else {})}


def _inherited(name: str, entry: Method, run: Run) -> Method:
    """The entry of a method with what it takes from that of the method which it extends, where the run has that one.

    Options, recipe, keys of `train` and training set; what it states itself comes first, and a recipe of its own takes
    the place of the other's recipe and keys of `train`. Weights are never taken: they are the other one's.

    Raises:
        ConfigError: methods extend each other.
    """
    chain, parent = [name], entry
    found = entry
    while parent.extends in run.methods:
        above = parent.extends
        if above in chain:
            raise ConfigError(f"config.methods.{name}.extends: {' extends '.join([*chain, above])}; end the circle")
        chain.append(above)
        parent = run.methods[above]
        changes: dict[str, Any] = {
            "options": {**parent.options, **found.options},
            "training_set": found.training_set or parent.training_set,
        }
        if found.recipe is None:
            both = [each.train.given() for each in (parent, found) if each.train]
            changes |= {
                "recipe": parent.recipe,
                "train": Train.model_validate({k: v for t in both for k, v in t.items()}),
            }
        found = found.model_copy(update=changes)
    return found


def _complete(name: str, entry: Method, known: Mapping[str, dict], run: Run) -> dict[str, Any]:
    where, entry = f"config.methods.{name}", _inherited(name, entry, run)
    base = _base(name, entry, known, run)
    network = None if entry.images or entry.interpolation else base["network"]
    if network is None:
        stated = [key for key in OF_NETWORKS if key in entry.model_fields_set and getattr(entry, key)]
        if stated:
            raise ConfigError(f"{where}.{stated[0]}: {name} is no network, so this would change nothing; take it out")
    declared = entry.declared.model_dump() if entry.declared else None if entry.images else base["declared"]
    if declared and not (entry.images or base["rules"]):
        raise ConfigError(
            f"{where}.declared: only external programs and ready images declare their cost, and {name} is neither; "
            "take it out"
        )
    return {
        "network": network,
        "interpolation": None if entry.images else entry.interpolation or base["interpolation"],
        "images": entry.images,
        "rules": str(Path(base["folder"]) / base["rules"]) if base["rules"] and not entry.images else None,
        "options": _options(network, base["options"], entry) if network else {},
        "declared": declared,
        "train": trained_by(run.train.model_dump(), entry.recipe, entry.train, where),
        "training_set": entry.training_set or run.training_set,
        **_weights(network, entry, run, where),
        "recipe": entry.recipe,
        # what is of a reduced size is no competitor of what it stands for
        "baseline": entry.baseline or (None if entry.stands_for else entry.extends) or base["baseline"],
        "stands_for": _stood_for(entry, known, where),
        "cite": entry.cite or base["cite"],
        "colour": entry.colour or (None if entry.extends else base["colour"]),
        "marker": entry.marker or base["marker"],
        "note": entry.note or base["note"],
        "scales": base["scales"],
    }


def _weights(network: str | None, entry: Method, run: Run, where: str) -> dict[str, Any]:
    """Given weights by scale: `weights` are files, `published` the scales whose file the workflow has to have.

    A published file that is not here yet is named where it will be downloaded to. `unavailable` says of scales that are
    not scored for want of weights how to get them.

    Raises:
        ConfigError: published ones can only be got by hand, or a file of their name is another one.
    """
    root, scales = weights_root(run.weights_root), [str(scale) for scale in run.scales]
    files: dict[str, str] = {}
    published, unavailable = [], {}
    for scale, path in entry.weights.items():
        if path not in (PUBLISHED, AVAILABLE):
            files[scale] = path
            continue
        if scale not in scales:
            continue
        try:
            found = find(network or "", int(scale), root)
            if found is None and path == AVAILABLE:
                unavailable[scale] = how_to_get(network or "", int(scale), root)
                continue
            files[scale] = str(found or planned(network or "", int(scale), root))
        except HitsrError as error:
            raise ConfigError(f"{where}.weights.{scale}: {error}") from error
        published += [scale] if path == PUBLISHED else []
    return {"weights": files, "published": published, "unavailable": unavailable}


def _check_new(run: Run, catalogue: Mapping[str, dict]) -> None:
    """A name that says already what it is must not be anything else."""
    for name, entry in run.methods.items():
        where = f"config.methods.{name}.{entry.kind}"
        if entry.kind in ("network", "interpolation") and name in catalogue:
            raise ConfigError(f"{where}: {name} is in the catalogue (`hitsr methods`); choose another name")
        if entry.interpolation and name.lower() in get_args(Interpolation) and name.lower() != entry.interpolation:
            raise ConfigError(f"{where}: {name} would be {entry.interpolation} interpolation; choose another name")


def _base(name: str, entry: Method, known: Mapping[str, dict], run: Run) -> dict[str, Any]:
    """What a method starts from: an entry of the catalogue or of this run."""
    where = f"config.methods.{name}.extends" if entry.extends else f"config.methods.{name}"
    wanted = entry.extends or name
    while wanted in run.methods and run.methods[wanted].extends:
        wanted = run.methods[wanted].extends or wanted
    if wanted not in known:
        raise ConfigError(f"{where}: {_unknown(wanted, known, run)}")
    if entry.extends and known[wanted]["network"] is None:
        raise ConfigError(f"{where}: {wanted} is no network, so {name} could not differ from it; take {name} out")
    return known[wanted]


def _stood_for(entry: Method, known: Mapping[str, dict], where: str) -> str | None:
    if entry.stands_for is not None and entry.stands_for not in known:
        raise ConfigError(f"{where}.stands_for: {unknown('method', entry.stands_for, known)}")
    return entry.stands_for


def _unknown(name: str, known: Mapping[str, dict], run: Run) -> str:
    if name.lower() in get_args(Interpolation):
        return f"unknown method {name!r}; write `{as_yaml(name)}: {{interpolation: {name.lower()}}}`"
    try:
        registry.method(name, run.plugins)
    except OptionError as error:
        if "unknown method" not in str(error):
            return str(error)
    said = unknown("method", name, known)
    broken = registry.unusable(run.plugins)
    if broken:
        # what its method is called cannot be read where a file is damaged
        return f"{said}; unless it is that of a folder that cannot be used: {broken[0]}"
    return f"{said}; or say what it is by `network: FILE.py:Class`, `images: PATTERN` or `interpolation: NAME`"


def _retrained(entry: Mapping[str, Any], found: Mapping[str, dict]) -> str | None:
    """The method of the run whose network this one trains otherwise: what it costs need not be measured again."""
    base = found.get(entry["baseline"])
    if not base or not base["network"] or base["network"] != entry["network"]:
        return None
    return entry["baseline"] if as_computed(base["options"]) == as_computed(entry["options"]) else None


def as_computed(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a network without those that belong to its training."""
    return {key: value for key, value in options.items() if key not in OF_TRAINING}


def _options(network: str, before: Mapping[str, Any], entry: Method) -> dict[str, Any]:
    """Options of a network: those that it starts from, those that its recipe sets, and those that are stated."""
    return {**before, **options_of_recipe(network, entry.recipe), **entry.options}


def options_of_recipe(network: str, name: str | None) -> dict[str, Any]:
    """Options that a recipe sets, as far as the network has them; a network that there is not is refused elsewhere."""
    if name is None or network == registry.SPANDREL:
        return {}
    try:
        return recipe_options(name, registry.find(network).options)
    except OptionError:
        return {}
