"""Digest of the source that a result depends on: what a module and everything it imports of ours say.

The digest is over syntax trees without docstrings, so a changed comment, docstring or line break changes
nothing, and a changed line of a network's mathematics changes the digest of what uses it. Nothing is
imported: the workflow asks for digests while it builds its graph.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
IGNORED = {
    "hitsr.atomic",
    "hitsr.networks.registry",
    "hitsr.networks.checkpoints",
    "hitsr.configuration",
    "hitsr.devices",
    "hitsr.errors",
    "hitsr.networks.official",
    "hitsr.progress",
    "hitsr.results.provenance",
    "hitsr.results.records",
    "hitsr.results.fingerprints",
    "hitsr.training.interruption",
    "hitsr.training.state",
}
"""Modules and packages that decide how results are stored and reported, never what is measured; followed only if
asked for."""


@cache
def source_digest(*modules: str) -> str:
    """Digest of `modules` (dotted names) and of all modules of ours that they import, at any depth.

    Returns:
        12 hexadecimal digits.
    """
    seen: set[str] = set()
    queue = list(modules)
    while queue:
        module = queue.pop()
        if module not in seen:
            seen.add(module)
            queue.extend(name for name in _imports(module) if not _ignored(name))
    digest = hashlib.sha256()
    for module in sorted(seen):
        digest.update(f"{module}\n{_meaning(module)}\n".encode())
    return digest.hexdigest()[:12]


def _ignored(module: str) -> bool:
    parts = module.split(".")
    return any(".".join(parts[:length]) in IGNORED for length in range(1, len(parts) + 1))


def _path(module: str) -> Path | None:
    parts = module.split(".")
    base = ROOT.joinpath(*(parts[1:] if parts[:2] == ["hitsr", "baselines"] else parts))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


@cache
def _tree(module: str) -> ast.Module:
    path = _path(module)
    if path is None:
        raise FileNotFoundError(f"no source of {module} under {ROOT}")
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def _meaning(module: str) -> str:
    """The syntax tree without docstrings and positions."""
    tree = _tree(module)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            value = body[0].value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                del body[0]
    return ast.dump(tree)


@cache
def _imports(module: str) -> tuple[str, ...]:
    found = []
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(name for name in found if name.split(".")[0] == "hitsr" and _path(name))


@cache
def keyword_options(module: str, name: str) -> tuple[str, ...]:
    """Keyword-only arguments of class `name` in `module`, and of the classes it hands `**options` on to."""
    tree = _tree(module)
    owner = next((node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name), None)
    if owner is None:
        origin = next(
            node.module
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and any(alias.name == name for alias in node.names)
        )
        return keyword_options(origin, name)
    makers = [node for node in owner.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
    own = tuple(argument.arg for maker in makers for argument in maker.args.kwonlyargs)
    if makers and makers[0].args.kwarg is None:
        return own
    inherited = keyword_options(module, owner.bases[0].id) if owner.bases else ()
    return (*own, *(option for option in inherited if option not in own))
