"""What each step depends on: the keys of the configuration and the source it reads, as digests.

The workflow gives each rule these digests, so that a step is done again when, and only when, something it
depends on has changed; each result records them.
"""

from hitsr.catalogs import FOLDER
from hitsr.configuration import costed, grown, growth_sizes, train_of, used_sets
from hitsr.configuration.ablations import all_methods
from hitsr.networks.registry import network_module
from hitsr.report import contents
from hitsr.results.fingerprints import ROOT, source_digest
from hitsr.results.provenance import digest
from hitsr.training.task import FREE


def of_dataset(config: dict, dataset: str, scale: int) -> dict[str, str]:
    """Digests of making one data set."""
    entry = config["datasets"][dataset]
    root = [config["data_root"]] if "public" in entry else []
    return _digests([_dataset(config, dataset), scale, *root], "hitsr.data.prepare")


def of_source(config: dict, dataset: str) -> dict[str, str]:
    """Digests of getting a public data set; not of how, since what arrives is checked."""
    return _digests([config["datasets"][dataset]["public"], config["data_root"]])


def of_leaks(config: dict) -> dict[str, str]:
    """Digests of looking for photographs in two data sets."""
    sets = [[name, role, _dataset(config, name)] for name, role in used_sets(config).items()]
    return _digests(sets, "hitsr.data.leaks")


def of_packed(config: dict, dataset: str) -> dict[str, str]:
    """Digests of decoding a data set for training."""
    return _digests([_dataset(config, dataset)], "hitsr.data.packed")


def of_training(config: dict, method: str, scale: int, seed: int) -> dict[str, str]:
    """Digests of one training."""
    entry = all_methods(config)[method]
    train = {key: value for key, value in train_of(config, method, scale).items() if key not in FREE}
    sets = [_dataset(config, config[key]) for key in ("training_set", "validation_set")]
    return _digests([_network(entry), train, sets, scale, seed], "hitsr.training.run", *_modules(config, method))


def of_images(config: dict, method: str, scale: int) -> dict[str, str]:
    """Digests of super-resolving the test sets with one method."""
    entry = all_methods(config)[method]
    weights = entry["weights"].get(str(scale))
    official = ["hitsr.networks.official"] if weights else []
    how = {key: config["restore"][key] for key in ("precision", "tile")}
    part = [_network(entry), weights, config["test_sets"], scale, how]
    return _digests(part, "hitsr.restore.run", *official, *_modules(config, method))


def of_quality(config: dict) -> dict[str, str]:
    """Digests of scoring the images of one method."""
    return _digests([config["test_sets"]], "hitsr.measure.score")


def of_complexity(config: dict, method: str, scale: int) -> dict[str, str]:
    """Digests of counting one network."""
    part = [_network(all_methods(config)[method]), config["complexity"], scale]
    return _digests(part, "hitsr.measure.count.run", *_modules(config, method))


def of_attribution(config: dict, method: str, scale: int) -> dict[str, str]:
    """Digests of attributing one method."""
    entry = config["methods"][method]
    weights = entry["weights"].get(str(scale))
    official = ["hitsr.networks.official"] if weights else []
    settings = {key: value for key, value in config["attribution"].items() if key not in ("methods", "device")}
    part = [_network(entry), weights, config["test_sets"], settings, scale]
    return _digests(part, "hitsr.measure.attribute.run", *official, *_modules(config, method))


def of_latency(config: dict, scale: int) -> dict[str, str]:
    """Digests of timing all networks of a run."""
    networks = {name: _network(all_methods(config)[name]) for name in costed(config)}
    modules = {module for name in networks for module in _modules(config, name)}
    settings = {key: value for key, value in config["latency"].items() if key != "growth"}
    return _digests(
        [networks, settings, scale], "hitsr.measure.time.run", "hitsr.measure.time.worker", *sorted(modules)
    )


def of_growth(config: dict, scale: int) -> dict[str, str]:
    """Digests of timing networks at several sizes."""
    settings = {key: value for key, value in config["latency"].items() if key not in ("input", "repeats", "growth")}
    settings["growth"] = {**config["latency"]["growth"], "sizes": growth_sizes(config)}
    networks = {name: _network(config["methods"][name]) for name in grown(config)}
    modules = {module for name in networks for module in _modules(config, name)}
    return _digests(
        [networks, settings, scale], "hitsr.measure.time.run", "hitsr.measure.time.worker", *sorted(modules)
    )


def of_operators(config: dict) -> dict[str, str]:
    """Digests of measuring attention and correlation by themselves."""
    return _digests([config["operators"]], "hitsr.measure.attention_cost.run")


def of_collection(config: dict) -> dict[str, str]:
    """Digests of the long table."""
    return _digests([config["run"]], "hitsr.results.records")


def of_crops(config: dict) -> dict[str, str]:
    """Digests of the choice of crops."""
    report = [config["report"][key] for key in ("crops", "crop_count", "crop_scale")]
    methods = {name: entry["network"] for name, entry in config["methods"].items()}
    return _digests([report, list(methods.items()), config["test_sets"], config["scales"]], "hitsr.analysis.crops")


def of_table(config: dict) -> dict[str, str]:
    """Digests of a table."""
    keys = ("cite", "converts", "network", "retrains", "recipe")
    shown = {name: [entry[key] for key in keys] for name, entry in config["methods"].items()}
    files = [_file("recipes.yaml"), *_published()]
    part = [list(shown.items()), config["test_sets"], config["scales"], config["ablations"], files]
    return _digests(part, "hitsr.report.tables", *_declared(contents.Table))


def of_figure(config: dict) -> dict[str, str]:
    """Digests of a figure."""
    keys = ("colour", "marker", "converts", "retrains")
    shown = {name: [entry[key] for key in keys] for name, entry in config["methods"].items()}
    part = [list(shown.items()), config["test_sets"], config["scales"], config["report"]["crop_scale"]]
    return _digests([*part, config["ablations"]], "hitsr.report.figures", *_declared(contents.Figure))


def of_claims(config: dict) -> dict[str, str]:
    """Digests of the claims card, `hitsr/catalogs/claims.yaml` and the recipes included."""
    looks = ("colour", "marker")
    methods = {
        name: {key: value for key, value in entry.items() if key not in looks}
        for name, entry in all_methods(config).items()
    }
    part = {key: value for key, value in config.items() if key not in ("report", "methods", "variants")}
    files = [_file("claims.yaml"), _file("recipes.yaml")]
    return _digests([part, methods, files], "hitsr.analysis.claims")


def of_page(config: dict) -> dict[str, str]:
    """Digests of the report page: also of its HTML, style and script, and of the papers it lists."""
    assets = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "hitsr/report/page").glob("page.[hcj]*"))]
    files = [_file("claims.yaml"), _file("published/references.bib"), *_published()]
    return _digests([config, files, assets], "hitsr.report.page", *_declared(contents.Table))


def _declared(kind: type) -> list[str]:
    """Modules of all tables or figures."""
    return [module for found in contents.declared_of(kind) if (module := found.module)]


def _file(name: str) -> str:
    """A file of config/ as it is."""
    return (FOLDER / name).read_text(encoding="utf-8")


def _published() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted((FOLDER / "published").glob("*.[cy]*"))]


def _dataset(config: dict, name: str | None) -> dict | None:
    """A data set without the paper that the report cites for it."""
    entry = config["datasets"].get(name)
    return entry and {key: value for key, value in entry.items() if key != "cite"}


def _network(entry: dict) -> list:
    options = {key: value for key, value in entry["options"].items() if key != "formulation"}
    return [entry["network"], options]


def _modules(config: dict, method: str) -> list[str]:
    network = all_methods(config)[method]["network"]
    return [network_module(network)] if network else []


def _digests(part: object, *modules: str) -> dict[str, str]:
    return {"config_digest": digest(part), "source_digest": source_digest(*modules)}
