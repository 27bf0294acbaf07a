"""The catalogue of published weights, `hitsr/catalogs/weights.yaml`, and the folder that a user keeps them in."""

import os
from functools import cache
from pathlib import Path

from hitsr.catalogs import FOLDER
from hitsr.configuration.models.catalogs import WeightsCatalogue
from hitsr.errors import ConfigError
from hitsr.schema.checking import validated
from hitsr.schema.files import read_yaml

FILE = FOLDER / "weights.yaml"
VARIABLE = "HITSR_WEIGHTS"
"""Environment variable with the folder of published weights, for all runs that do not say otherwise."""
DEFAULT = "weights"


@cache
def catalogue() -> dict[str, dict]:
    """The published weights by network, complete with the defaults.

    Raises:
        ConfigError: an unknown key, or a value of the wrong type.
    """
    return {name: entry.model_dump() for name, entry in validated(WeightsCatalogue, read_yaml(FILE), FILE.name).items()}


def published(network: str) -> dict:
    """What is published of a network.

    Raises:
        ConfigError: the catalogue does not have it.
    """
    if network not in catalogue():
        raise ConfigError(f"{network}: not in the catalogue of published weights; it has {', '.join(catalogue())}")
    return catalogue()[network]


def weights_root(stated: str | Path | None = None) -> Path:
    """The folder of published weights: as stated, else that of the environment, else `weights`."""
    return Path(stated or os.environ.get(VARIABLE) or DEFAULT).expanduser()
