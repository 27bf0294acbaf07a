"""The catalogue of public data sets, `hitsr/catalogs/datasets.yaml`, and what a run's entries take from it."""

import os
from functools import cache
from pathlib import Path

from hitsr.catalogs import FOLDER
from hitsr.configuration.models.catalogs import PublicSets
from hitsr.errors import ConfigError
from hitsr.schema.checking import read_checked
from hitsr.schema.types import unknown

FILE = FOLDER / "datasets.yaml"
VARIABLE = "HITSR_DATA"
"""Environment variable with the folder of public data sets, for all runs that do not say otherwise."""
DEFAULT = "datasets"
DESCRIPTION = ("source", "licence", "cite")
"""Keys that a run's entry takes from the catalogue where it does not say otherwise."""


@cache
def catalogue() -> dict:
    """`archives` and `sets` by name, complete with the defaults.

    Raises:
        ConfigError: an unknown key, or a set that names an archive or a set that is not there.
    """
    found = read_checked(FILE, PublicSets)
    archives, sets = found["archives"], found["sets"]
    for name, entry in sets.items():
        lacking = [offer["archive"] for offer in entry["archives"] if offer["archive"] not in archives]
        lacking += [part for part in entry["parts"] if part not in sets]
        if lacking:
            raise ConfigError(f"{FILE.name}: sets.{name}: names {lacking[0]!r}, which the catalogue does not have")
    return found


def public_set(name: str, where: str) -> dict:
    """A data set of the catalogue.

    Args:
        where: path of the key that names it, for the message.

    Raises:
        ConfigError: there is none of this name.
    """
    sets = catalogue()["sets"]
    if name not in sets:
        raise ConfigError(f"{where}: {unknown('public data set', name, sets)} (see `hitsr datasets`)")
    return sets[name]


def described(datasets: dict) -> dict:
    """Data sets of a run, the public ones with source, licence and paper of the catalogue.

    Raises:
        ConfigError: a public data set that the catalogue does not have.
    """
    found = {}
    for name, entry in datasets.items():
        known = public_set(entry["public"], f"config.datasets.{name}.public") if "public" in entry else {}
        found[name] = {**{key: known[key] for key in DESCRIPTION if key in known}, **entry}
    return found


def data_root(stated: str | Path | None = None) -> Path:
    """The folder of public data sets: as stated, else that of the environment, else `datasets`."""
    return Path(stated or os.environ.get(VARIABLE) or DEFAULT).expanduser()
