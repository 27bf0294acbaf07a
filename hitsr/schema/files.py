"""Reading YAML strictly: every key once, numbers as people write them, one clear line for each mistake.

Unlike in YAML 1.1, `2e-4` is a number, and `1:30`, `0o7` and dates are text; `yes`, `no`, `on` and `off` stay Booleans.
"""

import codecs
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from hitsr.errors import ConfigError
from hitsr.schema.places import Located
from hitsr.schema.scalars import Integer, Number

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    # PyYAML was built without LibYAML
    from yaml import SafeLoader

BOOL, INT, FLOAT, NULL, MERGE, MAPPING = (
    f"tag:yaml.org,2002:{name}" for name in ("bool", "int", "float", "null", "merge", "map")
)
DIGITS, EXPONENT = "[0-9][0-9_]*", "[eE][-+]?[0-9]+"
RESOLVED = {
    BOOL: ("yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF", "yYnNtTfFoO"),
    INT: (f"[-+]?{DIGITS}", "-+0123456789"),
    FLOAT: (
        rf"[-+]?({DIGITS}\.[0-9_]*({EXPONENT})?|\.{DIGITS}({EXPONENT})?|{DIGITS}{EXPONENT}|\.(inf|Inf|INF))|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
    NULL: ("~|null|Null|NULL|", ["~", "n", "N", ""]),
    MERGE: ("<<", "<"),
}
"""What an unquoted scalar can be: by tag, its pattern and the letters that it may begin with."""
BYTE_ORDER_MARKS = {
    "UTF-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),  # first, for it begins with that of UTF-16
    "UTF-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
}
LETTERS = {"UTF-32LE": (4, 0), "UTF-32BE": (4, 3), "UTF-16LE": (2, 0), "UTF-16BE": (2, 1)}
"""Bytes of a letter, and which of them holds one of ASCII; the others are zero."""


def read_yaml(path: str | Path) -> dict:
    """A YAML or JSON file that holds a mapping; its numbers remember how they were written.

    Raises:
        ConfigError: missing, not UTF-8, not YAML, a key given twice, or not a mapping.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check the name of the file") from error
    value = parse_yaml(_decoded(content, path), path)
    if value is None:
        raise ConfigError(f"{path}: holds nothing; expected keys and values, such as `run: mine`")
    if not isinstance(value, dict):
        kind = "a list" if isinstance(value, list) else "a single value"
        raise ConfigError(f"{path}: expected keys and values, such as `run: mine`; found {kind}")
    return value


def parse_yaml(text: str, where: str | Path, lines: bool = True) -> object:
    """The value of a YAML document.

    Args:
        where: what messages call it.
        lines: whether messages about its keys name their lines.

    Raises:
        ConfigError: not YAML, or a key given twice; the message names the lines.
    """
    try:
        loader = Loader(text)
        loader.place, loader.lines = str(where), lines
        node = loader.get_single_node()
        if node is None:
            return None
        _check(node, where)
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        raise ConfigError(f"{where}: {_explained(error, text)}") from error
    except yaml.YAMLError as error:  # a character that YAML forbids
        raise ConfigError(f"{where}: not valid YAML: {' '.join(str(error).split())}") from error
    except UnicodeEncodeError as error:  # Python keeps such bytes of a command line as lone surrogates
        raise ConfigError(f"{where}: {text!r} holds bytes that are not UTF-8") from error
    except RecursionError as error:
        raise ConfigError(f"{where}: nested too deeply, or within itself") from error


class Loader(SafeLoader):
    """YAML's safe loader with the scalars above.

    Attributes:
        place: what messages call the document.
        lines: whether they name its lines too.
    """

    yaml_implicit_resolvers: dict = {}
    place: str
    lines: bool

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Also of a scalar with a tag that it does not fit, such as `!!bool perhaps`."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError) as error:  # what YAML's own constructors raise then
            name = node.tag.rpartition(":")[2]
            what = "a number of too many digits" if len(node.value) > 1000 else f"{node.value!r} is not of type {name}"
            raise yaml.constructor.ConstructorError(None, None, what, node.start_mark) from error


def _integer(loader: Loader, node: yaml.ScalarNode) -> Integer:
    return Integer(int(node.value.replace("_", "")), node.value)


def _number(loader: Loader, node: yaml.ScalarNode) -> Number:
    special = node.value.lower().replace(".inf", "inf").replace(".nan", "nan")
    return Number(float(special.replace("_", "")), node.value)


def _mapping(loader: Loader, node: yaml.MappingNode) -> Iterator[Located]:
    found = Located()
    yield found
    found.update(loader.construct_mapping(node))
    if loader.lines:
        found.places = {key.value: f"{loader.place}:{key.start_mark.line + 1}" for key, _ in node.value}
    else:
        found.places = {key.value: loader.place for key, _ in node.value}


for tag, (pattern, first) in RESOLVED.items():
    Loader.add_implicit_resolver(tag, re.compile(rf"(?:{pattern})\Z"), list(first))
Loader.add_constructor(INT, _integer)
Loader.add_constructor(FLOAT, _number)
Loader.add_constructor(MAPPING, _mapping)


def _decoded(content: bytes, path: str | Path) -> str:
    encoding = _wide_encoding(content)
    if encoding:
        raise ConfigError(f"{path}: encoded as {encoding}; {_remedy(encoding, path)}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, byte = content.count(b"\n", 0, error.start) + 1, content[error.start]
        if b"\0" in content:
            raise ConfigError(f"{path}: not a text file (byte 0x{byte:02x} in line {line})") from error
        raise ConfigError(
            f"{path}: line {line} is not UTF-8 (byte 0x{byte:02x}, perhaps Latin-1); {_remedy('LATIN1', path)}"
        ) from error


def _wide_encoding(content: bytes) -> str | None:
    """Of a text of two or four bytes a letter, by its byte order mark or by the zero bytes of its first letters."""
    for encoding, marks in BYTE_ORDER_MARKS.items():
        if content.startswith(marks):
            return encoding
    head = content[:80]
    for encoding, (width, place) in LETTERS.items():
        if len(head) > width and not any(byte for index, byte in enumerate(head) if index % width != place):
            return encoding
    return None


def _remedy(encoding: str, path: str | Path) -> str:
    name = shlex.quote(str(path))
    return f"save it as UTF-8 (`iconv -f {encoding} -t UTF-8 {name} > FILE` writes it as FILE)"


def _check(node: yaml.Node, where: str | Path, above: tuple[int, ...] = (), done: set[int] | None = None) -> None:
    """Every key is a scalar and given once, before merge keys (`<<`) are worked in; nothing holds itself."""
    done = set() if done is None else done
    if id(node) in above:
        raise ConfigError(f"{where}: line {node.start_mark.line + 1}: an anchor that holds itself")
    if id(node) in done or isinstance(node, yaml.ScalarNode):
        return
    done.add(id(node))
    above = (*above, id(node))
    if isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            _check(entry, where, above, done)
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise ConfigError(f"{where}: line {line}: a list or mapping as a key; expected a name")
        if key.value in seen:
            lines = f"lines {seen[key.value]} and {line}" if seen[key.value] != line else f"line {line}"
            raise ConfigError(f"{where}: the key {key.value!r} is given twice, in {lines}; keep one of them")
        seen[key.value] = line
        _check(value, where, above, done)


def _explained(error: yaml.MarkedYAMLError, text: str) -> str:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return f"not valid YAML: {error.problem or error.context}"
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return f"line {mark.line + 1} begins with a tab; YAML is indented with spaces"
    return f"not valid YAML (line {mark.line + 1}, column {mark.column + 1}): {error.problem}"
