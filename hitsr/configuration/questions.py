"""What a complete configuration asks for: which methods are trained, measured and shown."""

from hitsr.configuration import ablations, claims
from hitsr.report import contents


def measured_kinds(config: dict) -> list[str]:
    """Kinds of measurement that the report's tables, figures and claims take; leaks if the run uses several sets."""
    kinds = list(dict.fromkeys([*contents.needs(config), *claims.needs(config)]))
    looked_through = {"quality", "training"}.intersection(kinds) and len(used_sets(config)) > 1
    return [*kinds, "leaks"] if looked_through and "leaks" not in kinds else kinds


def used_sets(config: dict) -> dict[str, str]:
    """Names of the data sets that the run trains, validates and tests on, and which of it: training first."""
    learnt = dict.fromkeys(training_sets(config), "training")
    tested = dict.fromkeys(config["test_sets"], "test")
    return {name: role for name, role in {**learnt, config["validation_set"]: "validation", **tested}.items() if name}


def training_sets(config: dict) -> list[str]:
    """Names of the data sets that networks are trained on: the run's, then those of methods and variants."""
    own = (ablations.all_methods(config)[name]["training_set"] for name in trained(config))
    return [name for name in dict.fromkeys([config["training_set"], *own]) if name]


def networks(config: dict) -> list[str]:
    """Methods of the run that are networks, not interpolations; variants of ablations have figures of their own."""
    return [name for name, entry in config["methods"].items() if entry["network"]]


def distinct(config: dict) -> list[str]:
    """Networks of the run, each once: without the methods that train the network of another one otherwise."""
    return [name for name in networks(config) if not config["methods"][name]["retrains"]]


def attributed(config: dict) -> list[str]:
    """Names of the networks that attribution looks into."""
    return config["attribution"]["methods"] or networks(config)


def timed_at_sizes(config: dict) -> list[str]:
    """Names of the networks that are timed at every size."""
    return config["latency"]["resolutions"]["methods"] or distinct(config)


def resolutions(config: dict) -> list[tuple[int, int]]:
    """Inputs that are timed for `latency.resolutions` alone: at `latency.input` every network is timed already.

    Two timings of one network at one size would be two numbers for one quantity.
    """
    return [tuple(size) for size in config["latency"]["resolutions"]["sizes"] if size != config["latency"]["input"]]


def starts_from_x2(config: dict, method: str, scale: int) -> bool:
    """Whether a training starts from the x2 weights of the same method and seed, which the run must have."""
    return scale != 2 and 2 in config["scales"] and ablations.all_methods(config)[method]["train"]["start_from_x2"]


def train_of(config: dict, method: str, scale: int) -> dict:
    """Keys of `train` of one training; `fine_tuning` is worked in where it applies, and gone."""
    train = dict(ablations.all_methods(config)[method]["train"])
    changes = train.pop("fine_tuning")
    return {**train, **changes} if starts_from_x2(config, method, scale) else train


def costed(config: dict) -> list[str]:
    """Names of the methods that are counted and timed: every network once, however often it is trained."""
    return [name for name, m in ablations.all_methods(config).items() if m["network"] and not m["retrains"]]


def trained(config: dict) -> list[str]:
    """Names of the methods that the run trains: networks without given weights."""
    methods = ablations.all_methods(config)
    return [name for name, m in methods.items() if m["network"] and not m["weights"] and not m["unavailable"]]


def scored_scales(config: dict, method: str) -> list[int]:
    """Scales at which images of a method are scored: without those of which its published weights are not here."""
    lacking = ablations.all_methods(config)[method]["unavailable"]
    return [scale for scale in ablations.scales_of(config, method) if str(scale) not in lacking]
