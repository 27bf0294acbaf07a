"""One line for a mistake in a configuration: the path of the key, what was expected, what was found."""

import difflib
import types
import typing
from typing import Any

from pydantic import BaseModel, ValidationError

from hitsr.schema.sections import as_text
from hitsr.schema.types import as_yaml

TYPES = {
    "int_type": "an integer",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "finite_number": "a finite number",
}
"""What was expected, by pydantic's type of error."""
BOUNDS = {
    "greater_than_equal": ("ge", "at least {}"),
    "greater_than": ("gt", "more than {}"),
    "less_than_equal": ("le", "at most {}"),
    "less_than": ("lt", "less than {}"),
    "multiple_of": ("multiple_of", "a multiple of {}"),
}


def explain(error: ValidationError, kind: Any, title: str) -> str:
    """The message of the first of pydantic's errors, the least deep one.

    Args:
        kind: the model, or type of models, that was expected.
        title: what the message calls the whole: the first part of the path of a key, or a file, then ending in a colon.
    """
    errors = error.errors(include_url=False, include_input=True)
    found = min(errors, key=lambda one: len(one["loc"]))
    path = [part for part in found["loc"] if part != "[key]"]
    context = found.get("ctx", {})
    if found["type"] == "fault":
        return f"{_where(title, [*path, *context['at']])}: {context['said']}"
    where = _where(title, path)
    if found["type"] == "extra_forbidden":
        return f"{where}: {_unknown_key(str(path[-1]), kind_at(kind, path[:-1]), kind)}"
    if found["type"] == "missing":
        return f"{where}: missing; give it ({description_at(kind, path)})"
    if found["loc"][-1:] == ("[key]",):
        wanted = _bare(typing.get_args(kind_at(kind, path[:-1]))[0])
    else:
        wanted = kind_at(kind, path)
    expected = _expected(found["type"], context, wanted, found["msg"])
    remedy = context.get("remedy") or description_at(kind, path)
    return f"{where}: expected {expected}, found {shown(found['input'])}{f' ({remedy})' if remedy else ''}"


def _where(title: str, path: list) -> str:
    """The path of a key behind what the whole is called."""
    if not title.endswith(":"):
        return ".".join(map(str, [title, *path]))
    return f"{title} {'.'.join(map(str, path))}" if path else title.removesuffix(":")


def shown(value: object) -> str:
    """A value as a message shows it, in the words of YAML."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value) if isinstance(value, str | list | dict) else str(as_text(value))
    return text if len(text) <= 80 else f"{text[:77]}..."


def kind_at(kind: Any, path: list) -> Any:
    """The type of a key; None where the path leaves the models."""
    for part in path:
        kind = _bare(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(str(part))
            kind = field.annotation if field else None
        elif typing.get_origin(kind) is dict:
            kind = typing.get_args(kind)[1]
        elif typing.get_origin(kind) is list:
            kind = typing.get_args(kind)[0]
        else:
            return None
    return _bare(kind)


def description_at(kind: Any, path: list) -> str:
    """The description of a key, or of the next one above it that has one."""
    for length in range(len(path), 0, -1):
        owner = kind_at(kind, path[: length - 1])
        if isinstance(owner, type) and issubclass(owner, BaseModel) and str(path[length - 1]) in owner.model_fields:
            return (owner.model_fields[str(path[length - 1])].description or "").rstrip(".")
    return ""


def _bare(kind: Any) -> Any:
    """A type without annotations and without None."""
    while typing.get_origin(kind) in (typing.Annotated, typing.Union, types.UnionType):
        kind = next(part for part in typing.get_args(kind) if part is not type(None))
    return kind


def _expected(name: str, context: dict, kind: Any, message: str) -> str:
    if name == "expected":
        return context["what"]
    if name == "literal_error":
        return f"one of {', '.join(as_yaml(choice) for choice in typing.get_args(kind))}"
    if name in BOUNDS:
        bound, words = BOUNDS[name]
        return words.format(f"{context[bound]:g}")
    if name in ("too_short", "too_long"):
        least, most = context.get("min_length"), context.get("max_length")
        return f"at least {least} of them" if name == "too_short" else f"at most {most} of them"
    if name == "string_pattern_mismatch":
        return f"text of the form {context['pattern']}"
    return TYPES.get(name, message)


def _unknown_key(key: str, owner: Any, kind: Any) -> str:
    valid = list(owner.model_fields)
    close = difflib.get_close_matches(key, valid, 1)
    elsewhere = [name for name, field in getattr(kind, "model_fields", {}).items() if _has(field.annotation, key)]
    if elsewhere:
        hint = f"; it is a key of {' and of '.join(elsewhere)}."
    else:
        hint = f"; did you mean {close[0]!r}?" if close else "."
    return f"unknown key{hint} Valid keys: {', '.join(valid)}"


def _has(kind: Any, key: str) -> bool:
    kind = _bare(kind)
    return isinstance(kind, type) and issubclass(kind, BaseModel) and key in kind.model_fields
