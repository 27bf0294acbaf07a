"""What a schema cannot say: keys that have to fit each other, the data sets, the networks and the files there are."""

from pathlib import Path

from hitsr.configuration import ablations
from hitsr.configuration.questions import measured_kinds, trained
from hitsr.data.photographs import PHOTOGRAPHS
from hitsr.errors import ConfigError, OptionError
from hitsr.networks import registry


def check(config: dict) -> None:
    """Check a complete configuration.

    Raises:
        ConfigError: a key names something that there is not, or does not fit another; the message has its path.
    """
    _check_methods(config)
    _check_datasets(config)
    _check_chosen(config)
    _check_operators(config["operators"])
    _check_purpose(config)


def _check_methods(config: dict) -> None:
    for name, method in ablations.all_methods(config).items():
        where, network = f"config.methods.{name}", method["network"]
        if network is None:
            if method["options"]:
                raise ConfigError(f"{where}.options: {name} is an interpolation and has no options")
            continue
        try:
            valid = registry.find(network).signature
        except OptionError as error:
            raise ConfigError(f"{where}: {error}") from error
        for option in method["options"]:
            if not valid.accepts(option):
                choices = ", ".join(valid.options)
                raise ConfigError(f"{where}.options.{option}: unknown option of {network}; valid: {choices}")
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
