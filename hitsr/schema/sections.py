"""What all sections share: strict keys, and the value as a plain dictionary."""

import inspect
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hitsr.schema.faults import Expected
from hitsr.schema.scalars import Integer, Number


class Section(BaseModel):
    """Keys of one section; an unknown key is an error, and nothing is converted but what the types of keys say."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, value: object) -> object:
        """`train:` with nothing behind it is an empty section; keys are text."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise Expected("keys and values")
        return {as_text(key): entry for key, entry in value.items()}

    def given(self) -> dict[str, Any]:
        """The keys that were stated, without defaults."""
        return self.model_dump(exclude_unset=True)


def as_text(value: object) -> object:
    """A number of a file as it was written; anything else as it is."""
    if isinstance(value, Integer | Number):
        return value.text
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def key(default: Any, description: str) -> Any:
    """A key that has a default."""
    return Field(default, description=description, validate_default=True)


def section(kind: type[Section]) -> Any:
    """A section, described by its class, with the defaults of its own keys."""
    return Field(default_factory=kind, description=inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0])


def optional(description: str) -> Any:
    """A key without a default: left out of the result where it is not given."""
    return Field(None, description=description, exclude_if=lambda value: value is None)


def required(description: str) -> Any:
    """A key that must be given."""
    return Field(description=description)
