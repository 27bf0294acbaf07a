"""From what a user wrote to a complete configuration: defaults filled, methods and ablations resolved, all checked."""

from typing import Any

from hitsr.catalogs import FOLDER
from hitsr.configuration import ablations
from hitsr.configuration.checks import check
from hitsr.configuration.datasets import data_root, described
from hitsr.configuration.methods import methods
from hitsr.configuration.models.ablation import Axes
from hitsr.configuration.models.run import Run
from hitsr.configuration.renamed import with_new_names
from hitsr.errors import ConfigError
from hitsr.schema.checking import validated
from hitsr.schema.files import read_yaml
from hitsr.schema.places import located

ABLATIONS = FOLDER / "ablations.yaml"


def resolve(raw: dict, catalogue: dict | None = None) -> dict[str, Any]:
    """Turn what a user wrote into a complete configuration.

    Args:
        raw: content of a configuration file.
        catalogue: methods that there are; those of `registry.methods()` if left out.

    Returns:
        A new dictionary with every key of `hitsr.configuration.models`; each method complete, with
        `network`, `interpolation`, `images` or `rules`, which say what it is, and `retrains`, the method whose network
        it trains otherwise; `variants` holds those that the ablations make, complete in the same way, and the report
        shows the ablations' tables and figures. Public data sets have source, licence and paper of their catalogue.

    Raises:
        ConfigError: an unknown key, a wrong type, an unknown method, network option or data set; the message
            has the path of the key, its file and line where they are known, and the valid choices.
    """
    try:
        raw = with_new_names(raw)
        return _resolved(raw, catalogue)
    except ConfigError as error:
        raise ConfigError(located(raw, str(error))) from error


def _resolved(raw: dict, catalogue: dict | None) -> dict[str, Any]:
    run: Run = validated(Run, raw, "config")
    config = run.model_dump()
    config["methods"] = methods(run, catalogue)
    axes = ablations.axes(run.ablations, validated(Axes, read_yaml(ABLATIONS), f"{ABLATIONS.name}:"))
    config["ablations"] = ablations.shown(axes, run.ablations, config["methods"])
    config["variants"] = ablations.variants(axes, config["methods"])
    for kind in ("tables", "figures"):
        config["report"][kind] = [*config["report"][kind], *ablations.reports(config)]
    config["data_root"] = str(data_root(run.data_root))
    config["datasets"] = described(config["datasets"])
    check(config)
    return config


def stated(raw: object) -> dict[str, Any]:
    """What a run's configuration states, checked and without defaults: names are text, paths have no `~`.

    Raises:
        ConfigError: as `validated`.
    """
    return validated(Run, with_new_names(raw), "config").given()


def defaults(section: str) -> dict[str, Any]:
    """The defaults of a section, such as `train`: the paper's recipe."""
    return getattr(Run(), section).model_dump()
