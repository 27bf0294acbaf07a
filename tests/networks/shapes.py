"""Checks of the shapes that stand at line ends: a network runs, and each commented assignment is compared.

A comment such as `x = ...  # (B', L, dim / 2)` says the shape of every tensor that the line assigns. A letter means
the same number throughout one call of a function; `_` may be any number.
"""

import ast
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import CodeType, FrameType

from torch import Tensor

SHAPE = re.compile(r"#\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*$")
LETTERS = {"window": "w", "scale": "s"}
ALIASES = {"B'": "B_", "H'": "H_", "W'": "W_"}


class Checker:
    """Runs a function and notes each commented line that was executed, and each that is wrong.

    Attributes:
        checked: file and line of those that were right.
        wrong: what was said and what was found.
    """

    def __init__(self, files: list[Path]):
        self.files = {str(file) for file in files}
        self.checked: set[tuple[str, int]] = set()
        self.wrong: list[str] = []

    def run(self, function: Callable[[], object]) -> None:
        before = sys.gettrace()
        sys.settrace(lambda frame, event, _: self._enter(frame))
        try:
            function()
        finally:
            sys.settrace(before)

    def _enter(self, frame: FrameType):
        if frame.f_code.co_filename not in self.files:
            return None
        lines = comments(frame.f_code.co_filename)
        known = given(frame.f_locals)
        last: list[int | None] = [None]

        def local(frame: FrameType, event: str, value: object):
            # a line is done when the next one begins
            if event in ("line", "return") and last[0] in lines:
                targets, dimensions = lines[last[0]]
                found = frame.f_locals
                tensors = [found[name] for name in targets if isinstance(found.get(name), Tensor)]
                if targets == ("return",):
                    tensors = [value] if event == "return" and isinstance(value, Tensor) else []
                for tensor in tensors:
                    self._compare(frame.f_code, last[0], dimensions, tuple(tensor.shape), known)
            last[0] = frame.f_lineno if event == "line" else None
            return local

        return local

    def _compare(self, code: CodeType, line: int, dimensions: tuple[str, ...], shape: tuple, known: dict) -> None:
        place = (code.co_filename, line)
        if len(dimensions) == len(shape) and all(
            agrees(said, size, known) for said, size in zip(dimensions, shape, strict=True)
        ):
            self.checked.add(place)
        else:
            where = f"{Path(code.co_filename).name}:{line} ({code.co_name})"
            self.wrong.append(f"{where}: says ({', '.join(dimensions)}), is {shape}; known here: {known}")


def given(arguments: dict) -> dict[str, float]:
    """Numbers that a call is given: integers among its arguments and the attributes of `self`, by name and letter."""
    own = vars(arguments["self"]) if "self" in arguments else {}
    numbers = {k: v for k, v in {**own, **arguments}.items() if isinstance(v, int) and not isinstance(v, bool)}
    return {**numbers, **{letter: numbers[name] for name, letter in LETTERS.items() if name in numbers}}


def agrees(said: str, size: int, known: dict[str, float]) -> bool:
    """Whether a dimension may be `size`; a letter that is met for the first time takes that value."""
    names, value = parsed(said)
    unknown = set(names - known.keys() - {"_"})
    if names == {"_"}:
        return True
    if len(unknown) == 1 and value is None:
        known[unknown.pop()] = size
        return True
    # a product with a letter that stands nowhere by itself says nothing yet
    return bool(unknown) or (known[min(names)] if value is None else eval(value, {}, known)) == size


@cache
def parsed(said: str) -> tuple[frozenset[str], CodeType | None]:
    """The letters of a dimension, and the code of its value; None for a letter by itself."""
    for name, plain in ALIASES.items():
        said = said.replace(name, plain)
    said = re.sub(r"(\d)(?=[A-Za-z])", r"\1 * ", re.sub(r"(\w) (?=[A-Za-z_])", r"\1 * ", said)).replace("^", "**")
    names = frozenset(node.id for node in ast.walk(ast.parse(said, mode="eval")) if isinstance(node, ast.Name))
    return names, None if said in names else compile(said, "shape", "eval")


@cache
def comments(file: str) -> dict[int, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Names that are assigned (or "return") and dimensions, by the line that begins a commented statement."""
    text = Path(file).read_text()
    lines, found = text.splitlines(), {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign | ast.Return) and (said := SHAPE.search(lines[node.end_lineno - 1])):
            targets = ("return",)
            if isinstance(node, ast.Assign):
                targets = tuple(n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name))
            found[node.lineno] = (targets, tuple(part.strip() for part in split(said[1])))
    return found


def split(said: str) -> list[str]:
    """At commas outside of brackets."""
    parts, depth = [""], 0
    for letter in said:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part for part in parts if part.strip()]
