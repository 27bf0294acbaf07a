"""What no single key can say: which keys fit each other, and which networks, data sets and files there are."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from hitsr.configuration.ablations import all_methods
from hitsr.configuration.claims import claims
from hitsr.configuration.questions import measured_kinds, trained
from hitsr.data.photographs import PHOTOGRAPHS
from hitsr.errors import ConfigError, OptionError
from hitsr.measure.metrics import check_installed, declared_metrics
from hitsr.networks import registry
from hitsr.report import contents
from hitsr.schema.types import as_yaml, unknown


def check(config: dict) -> None:
    """Check a complete configuration.

    Raises:
        ConfigError: a key names something that there is not, or does not fit another; the message has its path.
    """
    for name, method in all_methods(config).items():
        _check_method(where_is(config, name), name, method, config["scales"])
    _check_named(config)
    _check_claims(config)
    _check_datasets(config)
    _check_trained_on(config)
    _check_chosen(config)
    _check_attention_cost(config["attention_cost"])
    _check_purpose(config)


def where_is(config: dict, method: str) -> str:
    """Path of the key that makes a method, or a variant of an ablation."""
    if method in config["methods"]:
        return f"config.methods.{method}"
    entry = config["variants"][method]
    return f"config.ablations.{entry['axis']}.variants.{method.rpartition('=')[2]}"


def _check_method(where: str, name: str, method: Mapping, scales: list[int]) -> None:
    lacking = [scale for scale in scales if scale not in method["scales"]]
    if lacking:
        raise ConfigError(
            f"{where}: {name} has no x{lacking[0]}, which is among config.scales; it has "
            f"{', '.join(f'x{scale}' for scale in method['scales'])}"
        )
    if method["images"] is not None:
        from hitsr.restore.patterns import check_pattern

        check_pattern(method["images"], f"{where}.images")
    network = method["network"]
    if network is None:
        return
    if network == registry.SPANDREL:
        if not method["weights"]:
            raise ConfigError(f"{where}.weights: give a checkpoint for each scale; spandrel recognises its network")
        if method["options"]:
            raise ConfigError(f"{where}.options: a checkpoint that spandrel recognises has its own; take them out")
    else:
        _check_options(where, network, method["options"])
    brought = {**method["weights"], **method["unavailable"]}
    absent = [scale for scale in scales if brought and str(scale) not in brought]
    if absent:
        raise ConfigError(f"{where}.weights: no file for x{absent[0]}, which is among the run's scales")
    for scale, path in method["weights"].items():
        if scale not in method["published"] and not Path(path).is_file():
            raise ConfigError(f"{where}.weights.{scale}: no such file: {path}")


def _check_options(where: str, network: str, options: Mapping) -> None:
    try:
        valid = registry.find(network)
        # reads the source, and so says whether it has the class
        choices = valid.options
    except OptionError as error:
        raise ConfigError(f"{where}: {error}") from error
    for option in options:
        if not valid.accepts(option):
            raise ConfigError(f"{where}.options.{option}: {unknown(f'option of {network}', option, choices)}")


def _named_sets(config: dict) -> Iterator[tuple[str, str]]:
    """Every key that names a data set, by its path, with the name."""
    for i, name in enumerate(config["test_sets"]):
        yield f"config.test_sets.{i}", name
    for key in ("training_set", "validation_set"):
        if config[key] is not None:
            yield f"config.{key}", config[key]
    for name, method in all_methods(config).items():
        if method["training_set"] not in (None, config["training_set"]):
            yield f"{where_is(config, name)}.training_set", method["training_set"]
    for i, crop in enumerate(config["report"]["crops"]):
        yield f"config.report.crops.{i}.dataset", crop["dataset"]


def _check_datasets(config: dict) -> None:
    datasets = config["datasets"]
    for where, name in _named_sets(config):
        if name not in datasets:
            raise ConfigError(f"{where}: {unknown('data set', name, datasets)}")
    for i, name in enumerate(config["watched_sets"]):
        if name not in config["test_sets"]:
            raise ConfigError(f"config.watched_sets.{i}: {unknown('test set', name, config['test_sets'])}")
    for name, dataset in datasets.items():
        for i, photograph in enumerate(dataset.get("photographs", [])):
            if photograph not in PHOTOGRAPHS:
                said = unknown("photograph", photograph, PHOTOGRAPHS)
                raise ConfigError(f"config.datasets.{name}.photographs.{i}: {said}")


def _check_trained_on(config: dict) -> None:
    """Nothing is scored on what it was trained or validated on; copies in other files are what `hitsr leaks` finds."""
    datasets = config["datasets"]
    learnt = {method["training_set"] for method in all_methods(config).values() if method["network"]}
    learnt = {name for name in (*learnt, config["training_set"], config["validation_set"]) if name is not None}
    seen = {photograph for name in learnt for photograph in datasets[name].get("photographs", [])}
    for i, name in enumerate(config["test_sets"]):
        if name in learnt:
            raise ConfigError(f"config.test_sets.{i}: {name!r} is also trained or validated on; choose another")
        shared = sorted(seen.intersection(datasets[name].get("photographs", [])))
        if shared:
            raise ConfigError(f"config.datasets.{name}.photographs: {shared[0]!r} is also trained or validated on")


def _check_named(config: dict) -> None:
    """Metrics, tables and figures are those that files declare, here or in a plug-in."""
    known = declared_metrics(config["plugins"])
    for i, name in enumerate(config["metrics"]):
        if name not in known:
            raise ConfigError(f"config.metrics.{i}: {unknown('metric', name, known)}")
        check_installed(known[name])
    for part, entries in (("tables", contents.tables(config)), ("figures", contents.figures(config))):
        for i, name in enumerate(config["report"][part]):
            if name not in entries:
                raise ConfigError(f"config.report.{part}.{i}: {unknown(part[:-1], name, entries)}")


def _check_claims(config: dict) -> None:
    """A claim that the run is to decide is one, and is about methods that the run has."""
    known, methods = claims(config["plugins"]), all_methods(config)
    for i, name in enumerate(config["report"]["claims"]):
        where = f"config.report.claims.{i}"
        if name not in known:
            raise ConfigError(f"{where}: {unknown('claim', name, known)}")
        pairs = known[name]["pairs"]
        if pairs and not any(method in methods and base in methods for method, base in pairs):
            listed = " or ".join(f"{method} and {base}" for method, base in pairs)
            remedy = f"; {known[name]['remedy']}" if known[name]["remedy"] else ""
            raise ConfigError(f"{where}: {name!r} is about {listed}, which the run has not{remedy}")


def _check_chosen(config: dict) -> None:
    """Methods that a measurement is limited to must be networks of the run, and its patches of the test sets."""
    networks = [name for name, entry in config["methods"].items() if entry["network"]]
    chosen = {"attribution": config["attribution"], "latency.resolutions": config["latency"]["resolutions"]}
    for where, settings in chosen.items():
        for i, name in enumerate(settings["methods"] or []):
            if name not in networks:
                raise ConfigError(f"config.{where}.methods.{i}: {unknown('network of this run', name, networks)}")
    for i, patch in enumerate(config["attribution"]["patches"]):
        if patch["dataset"] not in config["test_sets"]:
            said = unknown("test set", patch["dataset"], config["test_sets"])
            raise ConfigError(f"config.attribution.patches.{i}.dataset: {said}")


def _check_attention_cost(settings: dict) -> None:
    for i, window in enumerate(settings["windows"]):
        if settings["map"] % window:
            raise ConfigError(
                f"config.attention_cost.windows.{i}: {window} does not divide the map of {settings['map']} pixels; "
                "change one of them"
            )
    if settings["dim"] % (2 * settings["heads"]):
        raise ConfigError(
            f"config.attention_cost.heads: 2 * {settings['heads']} does not divide dim = {settings['dim']}"
        )


def _check_purpose(config: dict) -> None:
    """What the report shows must have the data it needs."""
    kinds = measured_kinds(config)
    if {"quality", "attribution"}.intersection(kinds) and not config["test_sets"]:
        choices = f" (there are {', '.join(map(as_yaml, config['datasets']))})" if config["datasets"] else ""
        raise ConfigError(
            f"config.test_sets: name at least one data set{choices}; the report shows results on test images"
        )
    if {"quality", "training", "attribution"}.intersection(kinds):
        for name in trained(config):
            if all_methods(config)[name]["training_set"] is None:
                raise ConfigError(
                    f"config.training_set: name a data set to train {name} on, or give its weights under methods"
                )
