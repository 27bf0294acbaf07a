"""From what a file holds to checked values, or one line that says what is wrong with it."""

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from hitsr.errors import ConfigError
from hitsr.schema.files import read_yaml
from hitsr.schema.messages import explain


def validated(kind: Any, raw: object, title: str) -> Any:
    """`raw` as an instance of a model, or of a type made of models.

    Args:
        title: what messages call it, at the start of the path of a key: a word, or the name of a file and a colon.

    Raises:
        ConfigError: an unknown key, a wrong type or value; the message has the path of the key and what is valid.
    """
    try:
        return _adapter(kind).validate_python(raw)
    except ValidationError as error:
        raise ConfigError(explain(error, kind, title)) from None


def read_checked(path: Path, kind: Any) -> dict:
    """A YAML file checked against a type of `hitsr.configuration.models`, as a dictionary with the defaults.

    Raises:
        ConfigError: as `read_yaml` and `validated`.
    """
    return _adapter(kind).dump_python(validated(kind, read_yaml(path), f"{path.name}:"))


@cache
def _adapter(kind: Any) -> TypeAdapter:
    return TypeAdapter(kind)
