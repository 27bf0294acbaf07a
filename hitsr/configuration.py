"""Reading a run's configuration: validate against the schema, fill defaults, resolve methods.

The schema (`workflow/schemas/config.schema.yaml`) is the manual of the keys. Nothing here imports torch.
"""

import copy
import difflib
import json
from functools import cache
from pathlib import Path

import yaml

from hitsr import ablations, lineup
from hitsr.catalogue import NETWORKS
from hitsr.data.photographs import PHOTOGRAPHS
from hitsr.errors import ConfigError
from hitsr.sources import ROOT, keyword_options

SCHEMAS = ROOT / "workflow" / "schemas"
CATALOGUE = ROOT / "config" / "methods.yaml"
ABLATIONS = ROOT / "config" / "ablations.yaml"
SHOWS = {
    "main": ("quality", "complexity"),
    "efficiency": ("complexity", "latency"),
    "complexity": ("complexity",),
    "statistics": ("quality",),
    "comparison": ("quality",),
    "printed": (),
    "cost": ("complexity", "latency"),
    "tradeoff": ("quality", "complexity", "latency"),
    "training": ("training",),
    "crops": ("quality",),
    "errors": ("quality",),
    "ablation": ("quality", "complexity", "latency"),
    "performance": ("quality",),
    "growth": ("growth",),
    "operators": ("operators",),
    "convergence": ("training",),
    "attribution": ("attribution",),
    "receptive_field": ("attribution",),
}
"""Kinds of measurement that each table and figure shows; a run measures what its report shows."""


def read_yaml(path: str | Path) -> dict:
    """A YAML file that holds a mapping.

    Raises:
        ConfigError: missing, not YAML, or not a mapping.
    """
    try:
        value = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check the name of the file") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: expected keys and values, found {type(value).__name__}")
    return value


def resolve(raw: dict, catalogue: dict | None = None) -> dict:
    """Turn what a user wrote into a complete configuration.

    Args:
        raw: content of a configuration file.
        catalogue: content of `config/methods.yaml`; that file if left out.

    Returns:
        A new dictionary with every key of the schema; each method complete with `network`, `options`, `train`,
        `weights`, `converts`, `cite`, `colour`, `marker`; `variants` holds those that the ablations make, complete
        in the same way, and the report shows the ablations' tables and figures.

    Raises:
        ConfigError: an unknown key, a wrong type, an unknown method, network option or data set; the message
            has the path of the key and the valid choices.
    """
    catalogue = _checked(
        read_yaml(CATALOGUE) if catalogue is None else catalogue, "methods.schema.yaml", CATALOGUE.name
    )
    config = _checked(raw, "config.schema.yaml", "config")
    config["methods"] = {
        name: _method(name, entry or {}, catalogue, config["train"]) for name, entry in config["methods"].items()
    }
    axes = read_checked(ABLATIONS, "ablations.schema.yaml")
    config["ablations"] = ablations.axes(config["ablations"], axes, config["methods"])
    config["variants"] = ablations.variants(config["ablations"], config["methods"])
    for kind in ("tables", "figures"):
        config["report"][kind] = [*config["report"][kind], *ablations.reports(config)]
    _check_methods(config)
    _check_datasets(config)
    _check_chosen(config)
    _check_operators(config["operators"])
    _check_purpose(config)
    return config


def read_checked(path: Path, schema_name: str) -> dict:
    """A YAML file checked against a schema of `workflow/schemas/`, with the schema's defaults.

    Raises:
        ConfigError: as `resolve`.
    """
    return _checked(read_yaml(path), schema_name, path.name)


def _checked(raw: dict, schema_name: str, title: str) -> dict:
    from jsonschema import Draft202012Validator

    schema = _schema(schema_name)
    errors = sorted(Draft202012Validator(schema).iter_errors(raw), key=lambda error: (len(error.path), str(error.path)))
    if errors:
        raise ConfigError(_explain(errors[0], title))
    return _filled(schema, copy.deepcopy(raw), schema)


def defaults(section: str) -> dict:
    """The defaults of a section of the schema, such as `train`: the paper's recipe."""
    return _checked({}, "config.schema.yaml", "config")[section]


@cache
def _schema(name: str) -> dict:
    return read_yaml(SCHEMAS / name)


def _filled(schema: dict, value: object, root: dict) -> object:
    """Fill the schema's defaults into `value`, at every depth."""
    schema = _target(schema, root)
    if isinstance(value, list):
        return [_filled(schema.get("items", {}), item, root) for item in value]
    if not isinstance(value, dict):
        return value
    properties = schema.get("properties", {})
    for key, sub in properties.items():
        sub = _target(sub, root)
        if key not in value and "default" in sub:
            value[key] = copy.deepcopy(sub["default"])
        if key in value:
            value[key] = _filled(sub, value[key], root)
    others = schema.get("additionalProperties")
    if isinstance(others, dict):
        for key in value.keys() - properties.keys():
            value[key] = _filled(others, value[key], root)
    return value


def _target(schema: dict, root: dict) -> dict:
    return root["$defs"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def _explain(error: object, title: str) -> str:
    """One line for a schema error: the path of the key, what was expected, what was found."""
    where = ".".join([title, *(str(part) for part in error.absolute_path)])
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        valid = list(error.schema.get("properties", {}))
        unknown = next(key for key in error.instance if key not in valid)
        close = difflib.get_close_matches(str(unknown), valid, 1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        return f"{where}.{unknown}: unknown key{hint} Valid keys: {', '.join(valid)}".replace("key Valid", "key. Valid")
    if error.validator == "enum":
        choices = ", ".join(json.dumps(choice) for choice in error.validator_value)
        return f"{where}: expected one of {choices}; found {error.instance!r}"
    if error.validator == "type":
        expected = error.validator_value
        expected = expected if isinstance(expected, str) else " or ".join(expected)
        return f"{where}: expected {expected}, found {error.instance!r} ({_description(error)})"
    if error.validator == "oneOf":
        return f"{where}: expected exactly one of 'photographs' and 'folder'"
    if error.validator == "pattern":
        return f"{where}: {error.instance!r} is not a valid name here (pattern {error.validator_value})"
    return f"{where}: {error.message} ({_description(error)})"


def _description(error: object) -> str:
    return str(error.schema.get("description", "see config/README.md")).rstrip(".")


def _method(name: str, entry: dict, catalogue: dict, train: dict) -> dict:
    base_name = entry.get("extends", name)
    where = f"config.methods.{name}"
    if base_name not in catalogue:
        key = f"{where}.extends" if "extends" in entry else where
        raise ConfigError(
            f"{key}: unknown method {base_name!r}; choose one of {', '.join(catalogue)}, or add it to {CATALOGUE.name}"
        )
    base = catalogue[base_name]
    unknown = [key for key in entry.get("train", {}) if key not in train]
    if unknown:
        raise ConfigError(f"{where}.train.{unknown[0]}: unknown key; valid keys: {', '.join(train)}")
    merged_train = _checked({"train": {**train, **entry.get("train", {})}}, "config.schema.yaml", where)["train"]
    return {
        "network": base["network"],
        "options": {**base["options"], **entry.get("options", {})},
        "train": merged_train,
        "weights": entry.get("weights", {}),
        "converts": base_name if "extends" in entry else base["converts"],
        "cite": base["cite"],
        "colour": entry.get("colour", base["colour"]),
        "marker": entry.get("marker", base["marker"]),
    }


def _check_methods(config: dict) -> None:
    for name, method in ablations.all_methods(config).items():
        where, network = f"config.methods.{name}", method["network"]
        if network is None:
            if method["options"]:
                raise ConfigError(f"{where}.options: {name} is an interpolation and has no options")
            continue
        if network not in NETWORKS:
            raise ConfigError(f"{where}: unknown network {network!r}; choose one of {', '.join(NETWORKS)}")
        valid = keyword_options(*NETWORKS[network].split(":"))
        for option in method["options"]:
            if option not in valid:
                raise ConfigError(f"{where}.options.{option}: unknown option of {network}; valid: {', '.join(valid)}")
        lacking = [scale for scale in config["scales"] if method["weights"] and str(scale) not in method["weights"]]
        if lacking:
            raise ConfigError(f"{where}.weights: no file for x{lacking[0]}, which is among the run's scales")
        for scale, path in method["weights"].items():
            if not Path(path).is_file():
                raise ConfigError(f"{where}.weights.{scale}: no such file: {path}")


def _check_datasets(config: dict) -> None:
    datasets = config["datasets"]
    named = [(f"config.test_sets.{i}", name) for i, name in enumerate(config["test_sets"])]
    named += [(f"config.{key}", config[key]) for key in ("training_set", "validation_set") if config[key] is not None]
    named += [(f"config.report.crops.{i}.dataset", crop["dataset"]) for i, crop in enumerate(config["report"]["crops"])]
    for where, name in named:
        if name not in datasets:
            raise ConfigError(
                f"{where}: unknown data set {name!r}; choose one of {', '.join(datasets) or '(none yet)'}"
            )
    for name, dataset in datasets.items():
        for i, photograph in enumerate(dataset.get("photographs", [])):
            if photograph not in PHOTOGRAPHS:
                raise ConfigError(
                    f"config.datasets.{name}.photographs.{i}: unknown photograph {photograph!r}; "
                    f"choose from {', '.join(PHOTOGRAPHS)}"
                )
    seen_in_training = {
        photograph
        for key in ("training_set", "validation_set")
        if config[key] is not None
        for photograph in datasets[config[key]].get("photographs", [])
    }
    for test_set in config["test_sets"]:
        if test_set in (config["training_set"], config["validation_set"]):
            raise ConfigError(f"config.test_sets: {test_set!r} is also trained or validated on; choose another")
        shared = seen_in_training.intersection(datasets[test_set].get("photographs", []))
        if shared:
            raise ConfigError(
                f"config.datasets.{test_set}.photographs: {sorted(shared)[0]!r} is also trained or validated on"
            )


def _check_chosen(config: dict) -> None:
    """Methods that a measurement is limited to must be networks of the run, and its patches of the test sets."""
    networks = [name for name, entry in config["methods"].items() if entry["network"]]
    chosen = {"attribution": config["attribution"], "latency.growth": config["latency"]["growth"]}
    for where, settings in chosen.items():
        for i, name in enumerate(settings["methods"] or []):
            if name not in networks:
                raise ConfigError(
                    f"config.{where}.methods.{i}: {name!r} is not a network of this run; "
                    f"choose from {', '.join(networks)}"
                )
    for i, patch in enumerate(config["attribution"]["patches"]):
        if patch["dataset"] not in config["test_sets"]:
            raise ConfigError(
                f"config.attribution.patches.{i}.dataset: {patch['dataset']!r} is not a test set; "
                f"choose one of {', '.join(config['test_sets'])}"
            )


def _check_operators(settings: dict) -> None:
    for i, window in enumerate(settings["windows"]):
        if settings["map"] % window:
            raise ConfigError(
                f"config.operators.windows.{i}: {window} does not divide the map of {settings['map']} pixels; "
                "change one of them"
            )
    if settings["dim"] % (2 * settings["heads"]):
        raise ConfigError(f"config.operators.heads: 2 * {settings['heads']} does not divide dim = {settings['dim']}")


def _check_purpose(config: dict) -> None:
    """What the report shows must have the data it needs."""
    kinds = measured_kinds(config)
    if {"quality", "attribution"}.intersection(kinds) and not config["test_sets"]:
        raise ConfigError("config.test_sets: name at least one data set; the report shows results on test images")
    learners = trained(config)
    if {"quality", "training", "attribution"}.intersection(kinds) and learners and config["training_set"] is None:
        raise ConfigError(
            f"config.training_set: name a data set to train {learners[0]} on, or give its weights under methods"
        )


def measured_kinds(config: dict) -> list[str]:
    """Kinds of measurement that the run's tables and figures show."""
    shown = config["report"]["tables"] + config["report"]["figures"]
    return list(dict.fromkeys(kind for name in shown for kind in _shows(name)))


def _shows(name: str) -> tuple[str, ...]:
    return SHOWS["ablation" if name.startswith(ablations.PREFIX) else name]


def attributed(config: dict) -> list[str]:
    """Names of the networks that attribution looks into."""
    return config["attribution"]["methods"] or lineup.networks(config)


def grown(config: dict) -> list[str]:
    """Names of the networks that are timed at every size."""
    return config["latency"]["growth"]["methods"] or lineup.networks(config)


def trained(config: dict) -> list[str]:
    """Names of the methods that the run trains: networks without given weights."""
    return [name for name, m in ablations.all_methods(config).items() if m["network"] is not None and not m["weights"]]
