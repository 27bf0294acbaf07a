"""Settings of getting published weights, and which weights a method brings."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from hitsr.checkpoints.metadata import is_ours
from hitsr.configuration.steps.base import Step, Weights, method_of
from hitsr.configuration.steps.data import planned_contents
from hitsr.configuration.weights import weights_root
from hitsr.data.contents import file_digest
from hitsr.errors import ConfigError
from hitsr.results.layout import CHECKSUMS, Layout


class FetchSettings(Step):
    """Published weights of a method, adopted from the user's folder or downloaded into it; what arrives is checked."""

    noun: ClassVar[str] = "fetch"
    method: str
    scale: int
    network: str
    weights_root: str

    def entries(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True)
class Given:
    """Weights that a method brings at a scale.

    Attributes:
        file: None if it has still to be got.
        fetched: record that will name it then.
        weights: what it holds, as far as is known; None where the run trains.
    """

    file: str | None = None
    fetched: str | None = None
    weights: Weights | None = None


def given_weights(config: dict, method: str, scale: int, record: Path) -> Given:
    """Weights that a method brings at a scale.

    Published ones may not be there when a step is planned, and nobody knows then what the file will be. What it was in
    the end is in the record of the result: as long as the file is that one still, the plan has not changed.

    Args:
        record: of the result that is made with them.

    Raises:
        ConfigError: published weights are not here, and the method is not scored for want of them.
        FileError: the file is missing, or cannot be read.
    """
    entry, key = method_of(config, method), str(scale)
    if key in entry["unavailable"]:
        raise ConfigError(f"{method} x{scale}: its weights are not here; get them: {entry['unavailable'][key]}")
    path = entry["weights"].get(key)
    if path is None:
        return Given()
    if key not in entry["published"]:
        return Given(path, None, Weights(sha256=file_digest(path, CHECKSUMS), official=not is_ours(Path(path))))
    there = Path(path).is_file()
    present = file_digest(path, CHECKSUMS) if there else None
    sha256 = planned_contents(record, ("weights", "sha256"), ("weights", "sha256"), present)
    fetched = str(Layout(config["run"]).fetched(method, scale))
    return Given(path if there else None, fetched, Weights(sha256=sha256, official=True))


def fetch(config: dict, method: str, scale: int) -> FetchSettings:
    """Settings of getting the published weights of a method.

    Raises:
        ConfigError: no such method, or it does not ask for them.
    """
    entry = method_of(config, method)
    if str(scale) not in entry["published"]:
        raise ConfigError(
            f"{method} x{scale}: has no `weights: published` in the configuration; there is nothing to get"
        )
    root = str(weights_root(config["weights_root"]))
    return FetchSettings(method=method, scale=scale, network=entry["network"], weights_root=root)
