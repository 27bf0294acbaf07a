"""The catalogue of claims, `hitsr/catalogs/claims.yaml`, with those of plug-ins, and what it takes to decide each."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from hitsr.catalogs import FOLDER
from hitsr.configuration.models.claims import Claims
from hitsr.errors import ConfigError
from hitsr.measure.metrics import declared_metrics
from hitsr.schema.checking import read_checked
from hitsr.schema.types import unknown

FILE = FOLDER / "claims.yaml"
KINDS = {
    "parameters": "complexity",
    "macs": "complexity",
    "latency_median": "latency",
    "peak_memory": "latency",
    "operator_macs": "attention_cost",
    "operator_latency": "attention_cost",
    "operator_memory": "attention_cost",
    "validation_psnr": "training",
    "test_psnr": "training",
    "diffusion_index": "attribution",
    "receptive_field": "attribution",
}
"""Kind of measurement that each quantity of a claim comes from; metrics come from "quality"."""


def claims(plugins: Iterable[str] = ()) -> dict[str, dict]:
    """Claims by name, checked and complete; those of `claims.yaml` in plug-in folders last.

    Raises:
        ConfigError: an entry is wrong, or has a name that is there already.
    """
    found = dict(_read(FILE))
    for folder in plugins:
        file = Path(folder).expanduser() / "claims.yaml"
        for name, claim in _read(file).items() if file.is_file() else ():
            if name in found:
                raise ConfigError(f"{file}: {name}: there is a claim of this name; rename it")
            found[name] = claim
    return found


def kind_of(quantity: str, plugins: Iterable[str], where: str) -> str:
    """Kind of measurement that a quantity comes from.

    Args:
        where: path of the key that names it, for the message.

    Raises:
        ConfigError: nothing measures it.
    """
    metrics = declared_metrics(plugins)
    if quantity in metrics:
        return "quality"
    if quantity not in KINDS:
        raise ConfigError(f"{where}: {unknown('quantity', quantity, [*KINDS, *metrics])}")
    return KINDS[quantity]


def needs(config: dict) -> list[str]:
    """Kinds of measurement that the claims take which a run is to decide."""
    known = claims(config["plugins"])
    return [
        kind_of(known[name]["quantity"], config["plugins"], f"claims.yaml: {name}.quantity")
        for name in config["report"]["claims"]
    ]


@cache
def _read(file: Path) -> dict[str, dict]:
    return read_checked(file, Claims)
