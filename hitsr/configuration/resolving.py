"""From what a user wrote to a complete configuration: defaults filled, methods and ablations resolved, all checked."""

from typing import Any

from hitsr.catalogs import FOLDER
from hitsr.configuration import ablations
from hitsr.configuration.checks import check
from hitsr.configuration.datasets import described
from hitsr.configuration.models import catalogs
from hitsr.configuration.models.method import Method
from hitsr.configuration.models.run import Run
from hitsr.configuration.models.train import Train
from hitsr.configuration.recipes import recipe
from hitsr.errors import ConfigError
from hitsr.networks import registry
from hitsr.schema.checking import read_checked, validated
from hitsr.schema.types import unknown

ABLATIONS = FOLDER / "ablations.yaml"


def resolve(raw: dict, catalogue: dict | None = None) -> dict[str, Any]:
    """Turn what a user wrote into a complete configuration.

    Args:
        raw: content of a configuration file.
        catalogue: methods that there are; those of `registry.methods()` if left out.

    Returns:
        A new dictionary with every key of `hitsr.configuration.models`; each method complete with `network`, `options`,
        `train`, `weights`, `recipe`, `converts`, `cite`, `colour`, `marker`, and `retrains`, the method whose network
        it trains otherwise; `variants` holds those that the ablations make, complete in the same way, and the report
        shows the ablations' tables and figures. Public data sets have source, licence and paper of their catalogue.

    Raises:
        ConfigError: an unknown key, a wrong type, an unknown method, network option or data set; the message
            has the path of the key and the valid choices.
    """
    known = registry.methods() if catalogue is None else catalogue
    run: Run = validated(Run, raw, "config")
    config = run.model_dump()
    config["methods"] = {name: _method(name, entry, known, run.train) for name, entry in run.methods.items()}
    for entry in config["methods"].values():
        entry["retrains"] = _retrained(entry, config["methods"])
    axes = read_checked(ABLATIONS, catalogs.Axes)
    given = {name: axis.given() for name, axis in run.ablations.items()}
    config["ablations"] = ablations.axes(given, axes, config["methods"])
    config["variants"] = ablations.variants(config["ablations"], config["methods"])
    for kind in ("tables", "figures"):
        config["report"][kind] = [*config["report"][kind], *ablations.reports(config)]
    config["datasets"] = described(config["datasets"])
    check(config)
    return config


def stated(raw: object) -> dict[str, Any]:
    """What a run's configuration states, checked and without defaults: names are text, paths have no `~`.

    Raises:
        ConfigError: as `validated`.
    """
    return validated(Run, raw, "config").given()


def defaults(section: str) -> dict[str, Any]:
    """The defaults of a section, such as `train`: the paper's recipe."""
    return getattr(Run(), section).model_dump()


def _method(name: str, entry: Method, catalogue: dict[str, dict], train: Train) -> dict[str, Any]:
    base_name = entry.extends or name
    where = f"config.methods.{name}"
    if base_name not in catalogue:
        at = f"{where}.extends" if entry.extends else where
        raise ConfigError(f"{at}: {unknown('method', base_name, catalogue)}, or add baselines/NAME/")
    base = catalogue[base_name]
    published = recipe(entry.recipe, f"{where}.recipe") if entry.recipe else {}
    own = entry.train.given() if entry.train else {}
    return {
        "network": base["network"],
        "options": {**base["options"], **entry.options},
        "train": {**train.model_dump(), **published, **own},
        "weights": dict(entry.weights),
        "recipe": entry.recipe,
        "converts": base_name if entry.extends else base["baseline"],
        "cite": base["cite"],
        "colour": entry.colour or base["colour"],
        "marker": entry.marker or base["marker"],
    }


def _retrained(entry: dict, methods: dict) -> str | None:
    """The method of the run whose network this one trains otherwise: what it costs need not be measured again."""
    base = methods.get(entry["converts"])
    same = base and (base["network"], base["options"]) == (entry["network"], entry["options"])
    return entry["converts"] if same else None
