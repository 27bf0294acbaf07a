"""What a workflow was started with: configuration files and `--config`, read by our strict reader.

Snakemake drops the first of two equal keys, takes the name 007 for the number 7, and hands most of `--config` over as
text; so its own reading of both is not used.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hitsr.configuration.models.run import Run
from hitsr.configuration.renamed import with_new_names
from hitsr.schema.files import parse_yaml, read_yaml
from hitsr.schema.messages import kind_at
from hitsr.schema.places import Located
from hitsr.schema.sections import Section

if TYPE_CHECKING:
    from snakemake.workflow import Workflow


def of_workflow(workflow: "Workflow") -> dict[str, Any]:
    """The configuration that Snakemake was started with, not yet resolved.

    Raises:
        ConfigError: a file or a value of `--config` cannot be read.
    """
    return combined(workflow.configfiles, workflow.config_settings.config_args or [])


def combined(files: Iterable[str | Path], arguments: Iterable[str] = ()) -> dict[str, Any]:
    """Configuration files and then `KEY=VALUE` arguments, each changing what came before.

    Args:
        arguments: values in YAML, such as `scales=[2, 3]`, `train={iterations: 20}`, `validation_set=null`, `run=007`.

    Raises:
        ConfigError: a file or a value cannot be read.
    """
    found: dict[str, Any] = {}
    for file in files:
        found = changed(found, with_new_names(read_yaml(file)))
    for argument in arguments:
        name, _, value = argument.partition("=")
        place = f"--config {name}"
        given = Located({name: parse_yaml(value, place, lines=False)}, {name: place})
        found = changed(found, with_new_names(given))
    return found


def changed(base: Mapping[str, Any], changes: Mapping[str, Any], section: type[Section] = Run) -> dict[str, Any]:
    """`base` with `changes`: sections keep the keys that are not named; lists and what is listed by name are replaced.

    So `train={iterations: 20}` changes one key of `train`, while `methods={HiT-SIR: {}}` leaves no other method.
    """
    found = Located(base).with_places(base).with_places(changes)
    for name, value in changes.items():
        kind = kind_at(section, [name])
        inner = isinstance(kind, type) and issubclass(kind, Section)
        known = found.get(name)
        if inner and isinstance(value, Mapping) and isinstance(known, Mapping):
            found[name] = changed(known, value, kind)
        else:
            found[name] = value
    return found
