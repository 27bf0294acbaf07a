"""Imports: each module can be the first one that is imported, so no two need each other."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter

from conftest import ROOT


def modules() -> dict[str, ast.Module]:
    """The package's modules by dotted name, parsed."""
    found = {}
    for path in sorted((ROOT / "hitsr").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def imported_at_once(body: list[ast.stmt]) -> Iterator[str]:
    """What a module imports while it is imported itself: not in functions, and not for type checkers alone."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, (ast.If, ast.Try, ast.With)) and "TYPE_CHECKING" not in ast.unparse(node):
            yield from imported_at_once(node.body)


def needed(source: str, known: set[str], tree: ast.Module) -> set[str]:
    """Modules that have to be complete before a module is: what it imports, and their packages but for its own."""
    found = set()
    for target in imported_at_once(tree.body):
        parts = target.split(".")
        found |= {".".join(parts[:end]) for end in range(1, len(parts) + 1)}
    return {name for name in found & known if name != source and not source.startswith(f"{name}.")}


def test_no_import_is_circular():
    """`TopologicalSorter` names the modules of a circle in its error."""
    trees = modules()
    assert len(trees) > 300
    TopologicalSorter({name: needed(name, set(trees), tree) for name, tree in trees.items()}).prepare()
