"""Settings of the steps from images to weights to scores: train, restore, score."""

from functools import cache
from typing import Annotated, Any, ClassVar

from hitsr.configuration.questions import starts_from_x2, train_of
from hitsr.configuration.steps.base import FREE, Network, Step, Weights, method_of, network_of, network_or_refuse
from hitsr.configuration.steps.data import entry_of
from hitsr.configuration.steps.weights import given_weights
from hitsr.data import contents
from hitsr.errors import ConfigError
from hitsr.measure.metrics import declared_metrics
from hitsr.results.layout import CHECKSUMS, Layout
from hitsr.training.task import FREE as FREE_OF_TRAINING


class TrainSettings(Step):
    """One training.

    Attributes:
        train: keys of `train` that decide the weights.
        how: the other ones: how the training runs, and what it tells about itself.
        starts_from_x2: whether it starts from the x2 weights of the same method and seed.
        validation_set, watched_sets: nothing of them reaches the weights, but the history has numbers of them.
    """

    noun: ClassVar[str] = "train"
    method: str
    network: Network
    scale: int
    seed: int
    train: dict[str, Any]
    how: Annotated[dict[str, Any], FREE]
    starts_from_x2: bool
    training_set: str
    validation_set: str | None
    watched_sets: tuple[str, ...] = ()

    def entries(self) -> tuple[str, ...]:
        return ("hitsr.training.run", self.network.module)

    @property
    def keys(self) -> dict[str, Any]:
        """All keys of `train`."""
        return {**self.train, **self.how}


class RestoreSettings(Step):
    """Super-resolving one data set with one method.

    Attributes:
        network: None for any other method.
        interpolation: kind of an interpolation.
        images: pattern that finds ready images.
        ready: SHA-256 of the names and contents of all files that it finds; None for a program of this run, whose
            images are inputs of the job.
        weights: given ones; None for those of the run's own training.
        given: file of the given weights; None where the run trains them, or has still to get them.
        fetched: record that names the file of published weights; None for any others.
        how: keys of `restore` that change how it runs, never its result beyond rounding.
    """

    noun: ClassVar[str] = "restore"
    method: str
    network: Network | None
    interpolation: str | None
    images: str | None
    ready: str | None
    scale: int
    seed: int
    dataset: str
    weights: Weights | None
    given: Annotated[str | None, FREE]
    fetched: Annotated[str | None, FREE]
    precision: str
    tile: int | None
    self_ensemble: bool
    how: Annotated[dict[str, Any], FREE]

    def entries(self) -> tuple[str, ...]:
        if self.network is None:
            return ("hitsr.restore.run", *(["hitsr.restore.given"] if self.images else []))
        official = self.network.official if self.weights and self.weights.official else ()
        return ("hitsr.restore.run", "hitsr.restore.networks", self.network.module, *official)

    @property
    def keys(self) -> dict[str, Any]:
        """All keys of `restore`."""
        return {"precision": self.precision, "tile": self.tile, "self_ensemble": self.self_ensemble, **self.how}


class ScoreSettings(Step):
    """Scoring the super-resolved images of one data set.

    Attributes:
        metrics: names of what is computed.
        plugins: folders in which there may be further metrics; what their files hold is a part of the code.
    """

    noun: ClassVar[str] = "score"
    method: str
    scale: int
    seed: int
    dataset: str
    metrics: tuple[str, ...]
    plugins: Annotated[tuple[str, ...], FREE]

    def entries(self) -> tuple[str, ...]:
        return ("hitsr.measure.score", *_modules(self.metrics, self.plugins))


@cache
def _modules(metrics: tuple[str, ...], plugins: tuple[str, ...]) -> tuple[str, ...]:
    """Where metrics are computed, which many steps of a run ask for."""
    known = declared_metrics(plugins)
    return tuple(known[name].module or str(known[name].file) for name in metrics)


def train(config: dict, method: str, scale: int, seed: int) -> TrainSettings:
    """Settings of one training.

    Raises:
        ConfigError: there is no such method, it is no network, or there is nothing to train on.
    """
    entry = method_of(config, method)
    network = network_or_refuse(method, entry, scale, "there is nothing to train")
    if entry["training_set"] is None:
        raise ConfigError("config.training_set: name a data set to train on")
    keys = train_of(config, method, scale)
    return TrainSettings(
        method=method,
        network=network,
        scale=scale,
        seed=seed,
        train={key: value for key, value in keys.items() if key not in FREE_OF_TRAINING},
        how={key: value for key, value in keys.items() if key in FREE_OF_TRAINING},
        starts_from_x2=starts_from_x2(config, method, scale),
        training_set=entry["training_set"],
        validation_set=config["validation_set"],
        watched_sets=tuple(config["watched_sets"]),
    )


def restore(config: dict, method: str, scale: int, seed: int, dataset: str) -> RestoreSettings:
    """Settings of super-resolving a data set.

    Raises:
        ConfigError: no such method or data set.
        FileError: given weights are missing.
    """
    entry = method_of(config, method)
    entry_of(config, dataset)
    layout = Layout(config["run"])
    brought = given_weights(config, method, scale, layout.restored(method, scale, seed, dataset))
    written = layout.external(method, scale, dataset)
    keys = dict(config["restore"])
    return RestoreSettings(
        method=method,
        network=network_of(entry, scale),
        interpolation=entry["interpolation"],
        images=str(written / "{image}.png") if entry["rules"] else entry["images"],
        ready=ready(entry["images"], dataset, scale) if entry["images"] else None,
        scale=scale,
        seed=seed,
        dataset=dataset,
        weights=brought.weights,
        given=brought.file,
        fetched=brought.fetched,
        precision=keys.pop("precision"),
        tile=keys.pop("tile"),
        self_ensemble=keys.pop("self_ensemble"),
        how=keys,
    )


def ready(pattern: str, dataset: str, scale: int) -> str:
    """SHA-256 of the names and contents of the ready images of a data set.

    Raises:
        FileError: one cannot be read.
    """
    from hitsr.restore.patterns import matching

    return contents.digest(matching(pattern, dataset, scale), CHECKSUMS)


def score(config: dict, method: str, scale: int, seed: int, dataset: str) -> ScoreSettings:
    """Settings of scoring a method on a data set.

    Raises:
        ConfigError: no such method or data set.
    """
    method_of(config, method)
    entry_of(config, dataset)
    return ScoreSettings(
        method=method,
        scale=scale,
        seed=seed,
        dataset=dataset,
        metrics=tuple(config["metrics"]),
        plugins=tuple(config["plugins"]),
    )
