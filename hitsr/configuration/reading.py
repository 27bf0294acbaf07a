"""From what a user wrote to a complete configuration: defaults filled, methods and ablations resolved, all checked."""

from hitsr.catalogs import FOLDER
from hitsr.configuration import ablations
from hitsr.configuration.checks import check
from hitsr.configuration.datasets import described
from hitsr.configuration.recipes import recipe
from hitsr.configuration.schemas import checked, read_checked
from hitsr.errors import ConfigError
from hitsr.networks import registry

ABLATIONS = FOLDER / "ablations.yaml"


def resolve(raw: dict, catalogue: dict | None = None) -> dict:
    """Turn what a user wrote into a complete configuration.

    Args:
        raw: content of a configuration file.
        catalogue: methods that there are; those of `registry.methods()` if left out.

    Returns:
        A new dictionary with every key of the schema; each method complete with `network`, `options`, `train`,
        `weights`, `recipe`, `converts`, `cite`, `colour`, `marker`, and `retrains`, the method whose network it trains
        otherwise; `variants` holds those that the ablations make, complete in the same way, and the report shows the
        ablations' tables and figures. Public data sets have source, licence and paper of their catalogue.

    Raises:
        ConfigError: an unknown key, a wrong type, an unknown method, network option or data set; the message
            has the path of the key and the valid choices.
    """
    catalogue = registry.methods() if catalogue is None else catalogue
    config = checked(raw, "config.schema.yaml", "config")
    config["methods"] = {
        name: _method(name, entry or {}, catalogue, config["train"]) for name, entry in config["methods"].items()
    }
    for entry in config["methods"].values():
        entry["retrains"] = _retrained(entry, config["methods"])
    axes = read_checked(ABLATIONS, "ablations.schema.yaml")
    config["ablations"] = ablations.axes(config["ablations"], axes, config["methods"])
    config["variants"] = ablations.variants(config["ablations"], config["methods"])
    for kind in ("tables", "figures"):
        config["report"][kind] = [*config["report"][kind], *ablations.reports(config)]
    config["datasets"] = described(config["datasets"])
    check(config)
    return config


def _method(name: str, entry: dict, catalogue: dict, train: dict) -> dict:
    base_name = entry.get("extends", name)
    where = f"config.methods.{name}"
    if base_name not in catalogue:
        key = f"{where}.extends" if "extends" in entry else where
        raise ConfigError(
            f"{key}: unknown method {base_name!r}; choose one of {', '.join(catalogue)}, or add baselines/NAME/"
        )
    base = catalogue[base_name]
    unknown = [key for key in entry.get("train", {}) if key not in train]
    if unknown:
        raise ConfigError(f"{where}.train.{unknown[0]}: unknown key; valid keys: {', '.join(train)}")
    published = recipe(entry["recipe"], f"{where}.recipe") if "recipe" in entry else {}
    merged_train = {**train, **published, **entry.get("train", {})}
    merged_train = checked({"train": merged_train}, "config.schema.yaml", where)["train"]
    return {
        "network": base["network"],
        "options": {**base["options"], **entry.get("options", {})},
        "train": merged_train,
        "weights": entry.get("weights", {}),
        "recipe": entry.get("recipe"),
        "converts": base_name if "extends" in entry else base["baseline"],
        "cite": base["cite"],
        "colour": entry.get("colour", base["colour"]),
        "marker": entry.get("marker", base["marker"]),
    }


def _retrained(entry: dict, methods: dict) -> str | None:
    """The method of the run whose network this one trains otherwise: what it costs need not be measured again."""
    base = methods.get(entry["converts"])
    same = base and (base["network"], base["options"]) == (entry["network"], entry["options"])
    return entry["converts"] if same else None
