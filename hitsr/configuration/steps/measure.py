"""Settings of the steps that measure networks: count, time, attribute."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from hitsr.configuration.ablations import all_methods, implementations_of, scales_of
from hitsr.configuration.methods import as_computed
from hitsr.configuration.questions import costed, resolutions, timed_at_sizes
from hitsr.configuration.steps.base import FREE, Network, Settings, Step, Weights, method_of, network_or_refuse
from hitsr.configuration.steps.weights import given_weights
from hitsr.networks.registry import networks
from hitsr.results.layout import Layout


class CountSettings(Step):
    """Parameters and multiply-adds of one network.

    Attributes:
        output: width and height of the super-resolved image.
        published: whether to count the network at its published size too.
        ptflops: whether ptflops counts too.
    """

    noun: ClassVar[str] = "count"
    method: str
    network: Network
    scale: int
    output: tuple[int, int]
    published: bool
    ptflops: bool

    def entries(self) -> tuple[str, ...]:
        return ("hitsr.measure.count.run", self.network.module)


class Timed(Settings):
    """A network to time.

    Attributes:
        method: its row in the tables.
        implementation: as of `hitsr.build`.
        backend: a module of `hitsr.measure.time.backends`.
    """

    method: str
    network: Network
    implementation: str
    backend: str = "eager"


class TimeSettings(Step):
    """Latency and memory of networks, timed against each other.

    Attributes:
        sizes: width and height of each low-resolution input.
        keep_pages: whether the processes keep freed memory for the next tensors.
        timeout: seconds that one pass may take.
    """

    noun: ClassVar[str] = "time"
    contestants: tuple[Timed, ...]
    scale: int
    sizes: tuple[tuple[int, int], ...]
    warm_up: int
    repeats: int
    threads: int
    device: str
    keep_pages: bool
    timeout: Annotated[float, FREE]

    def entries(self) -> tuple[str, ...]:
        modules = {each.network.module for each in self.contestants}
        modules |= {f"hitsr.measure.time.backends.{each.backend}" for each in self.contestants}
        return ("hitsr.measure.time.run", "hitsr.measure.time.worker", *sorted(modules))


class ResolutionsSettings(TimeSettings):
    """Latency and memory of networks against the size of the image."""

    noun: ClassVar[str] = "time_resolutions"


class AttentionSettings(Step):
    """Cost of attention and correlation by themselves, against the size of the window."""

    noun: ClassVar[str] = "time_attention"
    windows: tuple[int, ...]
    map: int
    dim: int
    heads: int
    warm_up: int
    repeats: int
    threads: int
    device: str

    def entries(self) -> tuple[str, ...]:
        return ("hitsr.measure.attention_cost.run",)


class AttributeSettings(Step):
    """Local attribution maps and effective receptive fields of one network.

    Attributes:
        weights, given, fetched: as in `RestoreSettings`.
        how: keys of `attribution` that decide the result.
    """

    noun: ClassVar[str] = "attribute"
    method: str
    network: Network
    scale: int
    seed: int
    test_sets: tuple[str, ...]
    weights: Weights | None
    given: Annotated[str | None, FREE]
    fetched: Annotated[str | None, FREE]
    attribution: dict[str, Any]
    threads: int
    device: Annotated[str, FREE]

    def entries(self) -> tuple[str, ...]:
        official = self.network.official if self.weights and self.weights.official else ()
        return ("hitsr.measure.attribute.run", self.network.module, *official)


def count(config: dict, method: str, scale: int) -> CountSettings:
    """Settings of counting one network.

    Raises:
        ConfigError: no such method, or an interpolation.
    """
    entry, keys = method_of(config, method), config["complexity"]
    return CountSettings(
        method=method,
        network=network_or_refuse(method, entry, scale, "it has no parameters to count"),
        scale=scale,
        output=tuple(keys["output"]),
        published=keys["published_size"] and method in config["methods"] and _reduced(entry),
        ptflops=scale in keys["ptflops_scales"],
    )


def _reduced(entry: dict) -> bool:
    """Whether a network of the suite has other options than it was published with."""
    return bool(as_computed(entry["options"])) and entry["network"] in networks()


def time(config: dict, scale: int) -> TimeSettings:
    """Settings of timing all networks of a run at one size."""
    keys = config["latency"]
    methods = [method for method in costed(config) if scale in scales_of(config, method)]
    return TimeSettings(**_timed(config, methods, scale, [keys["input"]], keys["repeats"]))


def time_resolutions(config: dict, scale: int) -> ResolutionsSettings:
    """Settings of timing networks of a run at the sizes that `time` does not time."""
    keys = config["latency"]["resolutions"]
    return ResolutionsSettings(**_timed(config, timed_at_sizes(config), scale, resolutions(config), keys["repeats"]))


def time_attention(config: dict) -> AttentionSettings:
    """Settings of measuring attention and correlation."""
    return AttentionSettings(**config["attention_cost"])


def attribute(config: dict, method: str, scale: int, seed: int) -> AttributeSettings:
    """Settings of attributing one network.

    Raises:
        ConfigError: no such method, or an interpolation.
        FileError: given weights are missing.
    """
    entry = method_of(config, method)
    record = Layout(config["run"]).attribution(method, scale, seed)
    brought = given_weights(config, method, scale, record)
    keys = {key: value for key, value in config["attribution"].items() if key != "methods"}
    return AttributeSettings(
        method=method,
        network=network_or_refuse(method, entry, scale, "there is nothing to attribute"),
        scale=scale,
        seed=seed,
        test_sets=tuple(config["test_sets"]),
        weights=brought.weights,
        given=brought.file,
        fetched=brought.fetched,
        threads=keys.pop("threads"),
        device=keys.pop("device"),
        attribution=keys,
    )


def _timed(
    config: dict, methods: list[str], scale: int, sizes: Sequence[Sequence[int]], repeats: int
) -> dict[str, Any]:
    entries, keys = all_methods(config), config["latency"]
    contestants = [
        Timed(
            method=method,
            network=network_or_refuse(method, entries[method], scale, "there is nothing to time"),
            implementation=implementation,
            backend=backend,
        )
        for method in methods
        for implementation in implementations_of(config, method)
        for backend in keys["backends"]
    ]
    return {
        "contestants": contestants,
        "scale": scale,
        "sizes": sizes,
        "repeats": repeats,
        **{key: keys[key] for key in ("warm_up", "threads", "device", "keep_pages", "timeout")},
    }
