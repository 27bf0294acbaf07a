"""Types of keys: what each accepts, and what a message says that it expected; and names as one writes them in YAML."""

import difflib
import json
import math
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from hitsr.schema.faults import Expected, Fault
from hitsr.schema.sections import as_text

NUMERIC = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
MARKERS = ".,ov^<>12348spP*hH+xXDd|_"
"""Markers of Matplotlib that are one character; a test compares them with Matplotlib's."""
RESERVED = ("yes", "no", "true", "false", "on", "off", "null")
"""Words that YAML does not read as text."""
LONGEST_PART = 255
"""Bytes of a name in a path: no file system takes more."""
LONGEST = 60
"""Characters of a name: it becomes part of file names, which file systems limit to 255 bytes."""


def _number(value: object, what: str) -> int | float:
    if isinstance(value, str) and NUMERIC.fullmatch(value):
        value = int(value) if value.lstrip("+-").isdigit() else float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Expected(what)
    return value


def _integer(value: object) -> int:
    number = _number(value, "an integer")
    if number != int(number):
        raise Expected("an integer")
    return int(number)


def _if_integer(value: object) -> object:
    """For keys with few choices, which the message lists."""
    try:
        return _integer(value)
    except Expected:
        return value


def _real(value: object) -> float:
    return float(_number(value, "a number" if not isinstance(value, float) else "a finite number"))


def _text(value: object) -> str:
    text = as_text(value)
    if not isinstance(text, str):
        quotes = {True: "true", False: "false", None: "null"}
        remedy = f'put it in quotes: "{quotes[value]}"' if isinstance(value, bool) or value is None else ""
        raise Expected("text", remedy)
    return text


def _path(value: object) -> str:
    path = _text(value)
    if not path.strip() or any(ord(letter) < 32 or ord(letter) == 127 for letter in path):
        raise Expected("a path without control characters" if path.strip() else "a path")
    if any(len(os.fsencode(part)) > LONGEST_PART for part in Path(path).parts):
        raise Expected(f"a path whose folders and file have names of at most {LONGEST_PART} bytes")
    try:
        return str(Path(path).expanduser()) if path.startswith("~") else path
    except RuntimeError:
        user = Path(path).parts[0][1:]
        remedy = f"there is no user {user!r}; if a folder is called so, write the path from / on"
        raise Expected("a path", remedy) from None


def _plain(value: object) -> Any:
    """A value of a key that may be anything, such as an option of a network: finite numbers, text, lists, mappings."""
    if isinstance(value, dict):
        return {as_text(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float):
        return _real(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _distinct(values: list) -> list:
    for i, value in enumerate(values):
        if value in values[:i]:
            raise Fault(f"{value!r} is given twice; keep one of them", i)
    return values


def _mapping(value: object) -> object:
    """`HiT-SIR:` with nothing behind it changes nothing; a list of names is not a mapping."""
    if isinstance(value, list) and value and all(isinstance(entry, str) for entry in value):
        raise Expected("keys and values", f"write `{value[0]}: {{}}`, one line each")
    if not isinstance(value, dict):
        raise Expected("keys and values")
    return value


@dataclass(frozen=True)
class Said:
    """How the manual calls a type.

    Attributes:
        words: in place of what the type itself would say.
    """

    words: str


@dataclass(frozen=True)
class Name:
    """A name that becomes a folder or a part of a file name, so that every file system and shell takes it as it is.

    Attributes:
        letters: what it may hold besides letters and digits; it begins with a letter or a digit.
    """

    letters: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Pydantic's protocol."""
        return core_schema.no_info_before_validator_function(self.check, handler(source))

    def check(self, value: object) -> str:
        """The name as text, also where YAML reads a number."""
        name = _text(value)
        if len(name) > LONGEST:
            raise Expected(f"a name of at most {LONGEST} characters")
        if not re.fullmatch(rf"[A-Za-z0-9][A-Za-z0-9{re.escape(self.letters)}]*", name):
            raise Expected(f"a name of letters, digits and {' '.join(self.letters)} that begins with a letter or digit")
        return name


@dataclass(frozen=True)
class OneOf:
    """One of the names that another part of the suite declares.

    Attributes:
        choices: gives them; called when a value is checked.
        what: what they are, in the singular.
    """

    choices: Callable[[], Iterable[str]]
    what: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Pydantic's protocol."""
        return core_schema.no_info_before_validator_function(self.check, handler(source))

    def check(self, value: object) -> str:
        """The name, if it is one of the choices."""
        choices, value = list(self.choices()), as_text(value)
        if value not in choices:
            raise Fault(unknown(self.what, value, choices))
        return str(value)


def as_yaml(value: object) -> str:
    """A name or number as one has to write it in YAML: with quotes where they are needed, also in a list."""
    if not isinstance(value, str):
        return "null" if value is None else str(value)
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_.+=/-]*", value) and value.lower() not in RESERVED
    return value if plain else json.dumps(value, ensure_ascii=False)


def unknown(what: str, found: object, choices: Iterable[str]) -> str:
    """What a message says of a name that there is not, with the nearest and all that there are."""
    choices = list(choices)
    close = difflib.get_close_matches(str(found), choices, 1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    listed = f"choose one of {', '.join(map(as_yaml, choices))}" if choices else "there is none yet"
    return f"unknown {what} {found!r}{hint or ';'} {listed}".replace("? choose", "? Choose").replace(
        "? there", "? There"
    )


Integer = Annotated[int, BeforeValidator(_integer)]
FewIntegers = BeforeValidator(_if_integer)
"""For integers of which only some are valid: 2.0 is one too."""
Count = Annotated[int, Field(ge=1), BeforeValidator(_integer)]
Natural = Annotated[int, Field(ge=0), BeforeValidator(_integer)]
Scale = Annotated[Literal[2, 3, 4], FewIntegers]
ScaleKey = Annotated[Literal["2", "3", "4"], BeforeValidator(as_text)]
Real = Annotated[float, BeforeValidator(_real)]
Positive = Annotated[float, Field(gt=0), BeforeValidator(_real)]
Share = Annotated[float, Field(ge=0, le=1), BeforeValidator(_real)]
"""A fraction in [0, 1]."""
Text = Annotated[str, BeforeValidator(_text)]
PathText = Annotated[str, BeforeValidator(_path), Said("path")]
"""A path with `~` expanded; relative to the folder that the run starts in."""
Plain = Annotated[Any, BeforeValidator(_plain), Said("anything")]
Colour = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$"), Said("#RRGGBB")]
Marker = Annotated[str, OneOf(lambda: MARKERS, "marker")]
Device = Literal["auto", "cpu", "cuda"]
Distinct = AfterValidator(_distinct)
"""A list in which nothing is given twice."""
Mapping = BeforeValidator(_mapping)
Options = Annotated[dict[Text, Plain], Mapping, Said("options by name")]
RunName = Annotated[str, Name("_.-")]
DatasetName = Annotated[str, Name("_.-")]
MethodName = Annotated[str, Name("_.+=-")]
AxisName = Annotated[str, Name("_-")]
VariantName = Annotated[str, Name("_.-")]
