"""Fingerprints of the source that a result depends on: of a module, and of everything of ours that it can import.

A fingerprint is over what the source says to the machine: comments, blank lines, formatting, docstrings (of modules,
classes, functions and attributes alike), annotations of arguments, and the texts of errors change nothing; a changed
number in a network's mathematics does. Nothing is imported, so the workflow can ask while it builds its graph.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
"""Folder that holds the package: the checkout, or where the wheel was installed."""
BLOCKS = "hitsr.networks.blocks"
STREAMING = frozenset({"hitsr.optimized.streaming"})
"""Works with the layers of every network; which of them a result depends on, its network says."""
UNSEEN = frozenset(
    {
        "hitsr",
        "hitsr.atomic",
        "hitsr.catalogs",
        "hitsr.checkpoints.file",
        "hitsr.checkpoints.loading",
        "hitsr.checkpoints.metadata",
        "hitsr.checkpoints.official",
        "hitsr.checkpoints.soundness",
        "hitsr.configuration",
        "hitsr.data.contents",
        "hitsr.data.photographs",
        "hitsr.device_locks",
        "hitsr.devices",
        "hitsr.errors",
        "hitsr.networks.discovery",
        "hitsr.networks.identity",
        "hitsr.networks.loading",
        "hitsr.networks.registry",
        "hitsr.networks.signatures",
        "hitsr.optimized.allocator",
        "hitsr.progress",
        "hitsr.results",
        "hitsr.schema",
        "hitsr.training.interruption",
        "hitsr.training.resuming",
        "hitsr.training.state",
    }
)
"""Modules and packages that decide how a step is chosen, how results are stored and how failures are told, never what
is measured. What a step takes from the configuration and from files is in its settings, by value or by checksum."""
NO_MEANING = ("ctx", "kind", "type_comment", "type_ignores", "returns", "annotation")
"""Fields of syntax trees that change no result; the annotations of arguments, not those of a class' attributes."""


def source_digest(*entries: str, without: Iterable[str] = ()) -> str:
    """One fingerprint of all that `sources` finds: 12 hexadecimal digits."""
    return _source_digest(tuple(sorted(set(entries))), tuple(sorted(without)))


@cache
def _source_digest(entries: tuple[str, ...], without: tuple[str, ...]) -> str:
    text = "\n".join(f"{file} {digest}" for file, digest in _sources(entries, without))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def sources(*entries: str, without: Iterable[str] = ()) -> dict[str, str]:
    """Fingerprints of entry modules and of all modules of ours that they import, at any depth, by file.

    Args:
        entries: dotted names such as `hitsr.training.run`, or paths of files outside the package (`my_net.py`), with
            whatever lies beside them that they import.
        without: modules and packages that are not followed, besides `UNSEEN`; an entry is never left out.

    Returns:
        12 hexadecimal digits by file: `hitsr/networks/hit_sir.py`, or the path as it was given.

    Raises:
        FileNotFoundError: an entry is neither a module of ours nor a file.
    """
    return dict(_sources(tuple(sorted(set(entries))), tuple(sorted(without))))


@cache
def _sources(entries: tuple[str, ...], without: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    unseen = UNSEEN.union(without)
    seen: dict[str, Path] = {}
    queue = list(entries)
    while queue:
        module = queue.pop()
        if module not in seen:
            seen[module] = _existing(module)
            reached = _of_any_network(module) if _covered(module, STREAMING) else _imports(module)
            queue.extend(name for name in (*reached, *_optimized(module)) if not _covered(name, unseen))
    return tuple(sorted((_label(path), _meaning(path)) for path in seen.values()))


def _of_any_network(module: str) -> list[str]:
    """Imports of a module that works with the layers of every network, without these: a network has its own."""
    layers = {optimized for name in _blocks() for optimized in _optimized(name)}
    return [name for name in _imports(module) if not name.startswith(BLOCKS) and name not in layers]


@cache
def _blocks() -> tuple[str, ...]:
    folder = ROOT.joinpath(*BLOCKS.split("."))
    return tuple(f"{BLOCKS}.{path.stem}" for path in sorted(folder.glob("*.py")))


def _optimized(module: str) -> list[str]:
    """The module with the optimized form of a module's layers, which `hitsr.optimize` puts in their place."""
    name = module.replace(f"{BLOCKS}.", "hitsr.optimized.")
    return [name] if name != module and _path(name) else []


def _covered(module: str, unseen: frozenset[str]) -> bool:
    """Whether a module or a package around it is among `unseen`; `hitsr` stands for its own `__init__` alone."""
    parts = module.split(".")
    return module in unseen or any(".".join(parts[:length]) in unseen for length in range(2, len(parts)))


def _existing(module: str) -> Path:
    path = _path(module)
    if path is None:
        raise FileNotFoundError(f"no source of {module}: neither a module under {ROOT} nor a file")
    return path


def _path(module: str) -> Path | None:
    """File of a module: a dotted name, or a path ending in `.py`."""
    if module.endswith(".py"):
        given = (Path(module), Path(module).with_suffix("") / "__init__.py")
        return next((file for file in given if file.is_file()), None)
    parts = module.split(".")
    if parts[0] != "hitsr":
        return None
    bases = [ROOT.joinpath(*parts)]
    if parts[:2] == ["hitsr", "baselines"]:
        # beside the package in a checkout, inside it once installed
        bases.append(ROOT.joinpath(*parts[1:]))
    files = (file for base in bases for file in (base.with_suffix(".py"), base / "__init__.py"))
    return next((file for file in files if file.is_file()), None)


def _label(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), filename=str(path))


@cache
def _meaning(path: Path) -> str:
    return hashlib.sha256(_dump(_tree(path)).encode()).hexdigest()[:12]


def _dump(value: object) -> str:
    """A syntax tree as text, the same for every version of Python that parses it alike."""
    if isinstance(value, list):
        return "[" + ",".join(_dump(item) for item in value if not (_is_text(item) or _is_typing(item))) + "]"
    if not isinstance(value, ast.AST):
        return repr(value)
    if isinstance(value, ast.Raise) and isinstance(value.exc, ast.Call):
        value = ast.Raise(exc=value.exc.func)
    left_out = NO_MEANING[:-1] if isinstance(value, ast.AnnAssign) else NO_MEANING
    fields = [(name, field) for name, field in ast.iter_fields(value) if name not in left_out]
    inside = ",".join(f"{name}={_dump(field)}" for name, field in fields if field is not None and field != [])
    return f"{type(value).__name__}({inside})"


def _is_text(node: object) -> bool:
    """Whether a statement is nothing but a text: a docstring, wherever it stands."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_typing(node: object) -> bool:
    """Whether only a type checker sees a statement."""
    return isinstance(node, ast.If) and _last_name(node.test) == "TYPE_CHECKING"


def _last_name(node: ast.AST) -> str | None:
    """`b` of `a.b` or of `b`."""
    return getattr(node, "attr", None) or getattr(node, "id", None)


@cache
def _imports(module: str) -> tuple[str, ...]:
    """Modules of ours that a module imports, also inside functions, and the packages around them."""
    found = {name for node in _executed(_tree(_existing(module))) for name in _imported(node, module)}
    around = {
        name.rsplit(".", depth)[0]
        for name in found
        if not name.endswith(".py")
        for depth in range(1, name.count(".") + 1)
    }
    return tuple(sorted(name for name in found | around if _path(name)))


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those that only a type checker sees."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not _is_typing(child):
            yield from _executed(child)


def _imported(node: ast.AST, module: str) -> Iterator[str]:
    """What one statement may import; a name that is no module is sorted out by whoever looks for its file."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _named(alias.name, module)
    elif isinstance(node, ast.ImportFrom):
        for base in [_relative(node, module)] if node.level else _named(node.module or "", module):
            yield base
            yield from (_below(base, alias.name) for alias in node.names)
    elif isinstance(node, ast.Call) and _last_name(node.func) == "import_module":
        yield from (a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str))


def _named(name: str, module: str) -> Iterator[str]:
    """A module by its full name; of a file outside the package also the file beside it that may be meant."""
    yield name
    if module.endswith(".py"):
        yield str(Path(module).parent.joinpath(*name.split("."))) + ".py"


def _relative(node: ast.ImportFrom, module: str) -> str:
    """The module that a relative import names: a dotted name, or the path of a file for a file outside the package."""
    path, below = _existing(module), (node.module or "").split(".") if node.module else []
    if module.endswith(".py"):
        return str(path.parents[node.level - 1].joinpath(*below or ["__init__"])) + ".py"
    package = module.split(".")[: -node.level + (path.name == "__init__.py") or None]
    return ".".join([*package, *below])


def _below(base: str, name: str) -> str:
    if not base.endswith(".py"):
        return f"{base}.{name}"
    path = Path(base)
    return str((path.parent if path.name == "__init__.py" else path.with_suffix("")) / f"{name}.py")


def clear() -> None:
    """Forget what was read: files may have changed since."""
    for cached in (_source_digest, _sources, _tree, _meaning, _imports):
        cached.cache_clear()
