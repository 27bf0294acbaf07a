"""Reading a configuration file: YAML against its schema of `hitsr/catalogs/schemas/`, with the schema's defaults."""

import copy
import difflib
import json
from functools import cache
from pathlib import Path

import yaml

from hitsr.catalogs import FOLDER
from hitsr.errors import ConfigError

SCHEMAS = FOLDER / "schemas"


def read_yaml(path: str | Path) -> dict:
    """A YAML file that holds a mapping.

    Raises:
        ConfigError: missing, not YAML, or not a mapping.
    """
    try:
        value = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check the name of the file") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: expected keys and values, found {type(value).__name__}")
    return value


def read_checked(path: Path, schema_name: str) -> dict:
    """A YAML file checked against a schema of `hitsr/catalogs/schemas/`, with the schema's defaults.

    Raises:
        ConfigError: as `read_yaml` and `checked`.
    """
    return checked(read_yaml(path), schema_name, path.name)


def checked(raw: dict, schema_name: str, title: str) -> dict:
    """A copy of `raw` with the defaults of a schema of `hitsr/catalogs/schemas/`.

    Args:
        title: what messages call it, at the start of the path of a key.

    Raises:
        ConfigError: an unknown key, a wrong type or value; the message has the path of the key and what is valid.
    """
    from jsonschema import Draft202012Validator

    schema = _schema(schema_name)
    errors = sorted(Draft202012Validator(schema).iter_errors(raw), key=lambda error: (len(error.path), str(error.path)))
    if errors:
        raise ConfigError(_explain(errors[0], title))
    return _filled(schema, copy.deepcopy(raw), schema)


def defaults(section: str) -> dict:
    """The defaults of a section of the schema, such as `train`: the paper's recipe."""
    return checked({}, "config.schema.yaml", "config")[section]


@cache
def _schema(name: str) -> dict:
    return read_yaml(SCHEMAS / name)


def _filled(schema: dict, value: object, root: dict) -> object:
    """Fill the schema's defaults into `value`, at every depth."""
    schema = _target(schema, root)
    if isinstance(value, list):
        return [_filled(schema.get("items", {}), item, root) for item in value]
    if not isinstance(value, dict):
        return value
    properties = schema.get("properties", {})
    for key, sub in properties.items():
        sub = _target(sub, root)
        if key not in value and "default" in sub:
            value[key] = copy.deepcopy(sub["default"])
        if key in value:
            value[key] = _filled(sub, value[key], root)
    others = schema.get("additionalProperties")
    if isinstance(others, dict):
        for key in value.keys() - properties.keys():
            value[key] = _filled(others, value[key], root)
    return value


def _target(schema: dict, root: dict) -> dict:
    return root["$defs"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def _explain(error: object, title: str) -> str:
    """One line for a schema error: the path of the key, what was expected, what was found."""
    where = ".".join([title, *(str(part) for part in error.absolute_path)])
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        valid = list(error.schema.get("properties", {}))
        unknown = next(key for key in error.instance if key not in valid)
        close = difflib.get_close_matches(str(unknown), valid, 1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        return f"{where}.{unknown}: unknown key{hint} Valid keys: {', '.join(valid)}".replace("key Valid", "key. Valid")
    if error.validator == "enum":
        choices = ", ".join(json.dumps(choice) for choice in error.validator_value)
        return f"{where}: expected one of {choices}; found {error.instance!r}"
    if error.validator == "type":
        expected = error.validator_value
        expected = expected if isinstance(expected, str) else " or ".join(expected)
        return f"{where}: expected {expected}, found {error.instance!r} ({_description(error)})"
    if error.validator == "oneOf":
        return f"{where}: expected exactly one of 'photographs', 'folder' and 'public'"
    if error.validator == "pattern":
        return f"{where}: {error.instance!r} is not a valid name here (pattern {error.validator_value})"
    return f"{where}: {error.message} ({_description(error)})"


def _description(error: object) -> str:
    return str(error.schema.get("description", "see config/README.md")).rstrip(".")
