"""The trainings of a run, and which of them do the same work. Nothing here imports torch."""

import json
from dataclasses import dataclass

from hitsr.configuration import attributed, measured_kinds, starts_from_x2, train_of, trained
from hitsr.configuration.ablations import all_methods, scales_of


@dataclass(frozen=True)
class Work:
    """What one step computes: trainings of the same work take the same time per step, whatever their scale.

    Attributes:
        options: of the network, as JSON.
        patch_size: side of the low-resolution patches. Scales differ in the last convolution alone, a few percent.
    """

    network: str
    options: str
    batch_size: int
    patch_size: int
    threads: int
    device: str
    activation_checkpointing: bool = True


@dataclass(frozen=True)
class Training:
    """One training of a run.

    Attributes:
        after: seed and method of the x2 training that it starts from, as `key`; None if it starts from scratch.
        processes: devices that share each batch.
    """

    method: str
    scale: int
    seed: int
    iterations: int
    processes: int
    work: Work
    after: tuple[str, int, int] | None

    @property
    def key(self) -> tuple[str, int, int]:
        """Method, scale and seed."""
        return self.method, self.scale, self.seed


def trainings(config: dict) -> list[Training]:
    """Every training that a run's report needs, in the order of the tables."""
    kinds = set(measured_kinds(config))
    needed = trained(config) if kinds & {"quality", "training"} else []
    if "attribution" in kinds and not needed:
        needed = [method for method in attributed(config) if method in trained(config)]
    return [
        _training(config, method, scale, seed)
        for method in needed
        for scale in scales_of(config, method)
        for seed in config["seeds"]
    ]


def _training(config: dict, method: str, scale: int, seed: int) -> Training:
    entry, train = all_methods(config)[method], train_of(config, method, scale)
    options = {key: value for key, value in entry["options"].items() if key != "drop_path"}
    keys = {key: train[key] for key in ("batch_size", "patch_size", "threads", "device", "activation_checkpointing")}
    work = Work(entry["network"], json.dumps(options, sort_keys=True), **keys)
    after = (method, 2, seed) if starts_from_x2(config, method, scale) else None
    return Training(method, scale, seed, train["iterations"], train["processes"], work, after)
