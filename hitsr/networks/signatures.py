"""The options of a network, read from its source: nothing is imported, so a plan can check them at once."""

import ast
import importlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hitsr.errors import OptionError

PACKAGE = Path(__file__).resolve().parent.parent
BASELINES = "hitsr.baselines"


@dataclass(frozen=True)
class Signature:
    """What a network takes besides its scale.

    Attributes:
        options: names in the order in which they are declared, those of the classes that it extends last.
        required: those without a default.
        anything: whether it hands `**options` on to code that is not read, so that other names may be valid.
    """

    options: tuple[str, ...]
    required: tuple[str, ...] = ()
    anything: bool = False

    def accepts(self, option: str) -> bool:
        """Whether `option` may be given."""
        return self.anything or option in self.options

    def check(self, network: str, given: dict) -> None:
        """Require the names of `given` to be options.

        Raises:
            OptionError: an unknown option, or a required one is missing.
        """
        for option in given:
            if not self.accepts(option):
                valid = ", ".join(self.options) or "none"
                raise OptionError(f"{network} has no option {option!r}; its options: {valid}")
        for option in self.required:
            if option not in given:
                raise OptionError(f"{network}: option {option!r} has no default; give it under `options`")


def signature(file: Path, name: str) -> Signature:
    """The signature of a class, or of a function that makes a network.

    Parameters after the first, which is the scale, are options, whether they are keyword-only or not.

    Raises:
        OptionError: the file is missing, not Python, or has nothing of this name.
    """
    found = _definition(file, name)
    if found is None:
        known = [node.name for node in _tree(file).body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
        raise OptionError(f"{file}: no class {name!r}; it has {', '.join(known) or 'no class'}")
    return _signature(*found)


def _signature(file: Path, node: ast.ClassDef | ast.FunctionDef) -> Signature:
    if isinstance(node, ast.FunctionDef):
        return _parameters(node, 1)
    maker = next((n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"), None)
    own = _parameters(maker, 2) if maker else Signature((), anything=True)
    if not own.anything:
        return own
    inherited = _inherited(file, node)
    return Signature(
        (*own.options, *(option for option in inherited.options if option not in own.options)),
        (*own.required, *(option for option in inherited.required if option not in own.options)),
        inherited.anything,
    )


def _inherited(file: Path, node: ast.ClassDef) -> Signature:
    """The signature of the first class that `node` extends, `nn.Module` apart."""
    for base in node.bases:
        name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", None)
        if name in ("Module", "object"):
            continue
        found = _definition(file, base.id) if isinstance(base, ast.Name) else None
        # a class of another package is not read
        return Signature((), anything=True) if found is None or found[1] is node else _signature(*found)
    return Signature(())


def _parameters(maker: ast.FunctionDef, skipped: int) -> Signature:
    """The parameters after the first `skipped`; anything else is taken where there is a `**`."""
    arguments = maker.args
    positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    with_default = positional[len(positional) - len(arguments.defaults) :]
    keyword = [argument.arg for argument in arguments.kwonlyargs]
    with_default += [name for name, value in zip(keyword, arguments.kw_defaults, strict=True) if value is not None]
    names = (*positional[skipped:], *keyword)
    required = tuple(name for name in names if name not in with_default)
    return Signature(names, required, anything=arguments.kwarg is not None)


def _definition(file: Path, name: str) -> tuple[Path, ast.ClassDef | ast.FunctionDef] | None:
    """Where `name` is defined, through imports between files of ours or of a plug-in; None if elsewhere."""
    for node in _tree(file).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            return file, node
        if isinstance(node, ast.ImportFrom):
            original = next((alias.name for alias in node.names if (alias.asname or alias.name) == name), None)
            source = _imported(file, node)
            if original and source:
                return _definition(source, original)
    return None


def _imported(file: Path, node: ast.ImportFrom) -> Path | None:
    parts = node.module.split(".") if node.module else []
    if node.level:
        folder = file.parents[node.level - 1]
    elif parts[:2] == ["hitsr", "baselines"]:
        folder, parts = baselines_folder(), parts[2:]
    elif parts[:1] == ["hitsr"]:
        folder, parts = PACKAGE, parts[1:]
    else:
        return None
    base = folder.joinpath(*parts)
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


@cache
def baselines_folder() -> Path:
    """Where `hitsr.baselines` is: within the package, or `baselines/` of a checkout, installed or not."""
    return Path(importlib.import_module(BASELINES).__path__[0]).resolve()


def _tree(file: Path) -> ast.Module:
    try:
        return _parsed(file, file.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        raise OptionError(f"{file}: cannot be read ({error}); correct the path") from error
    except SyntaxError as error:
        raise OptionError(f"{file}, line {error.lineno}: not valid Python: {error.msg}; correct it") from error


@cache
def _parsed(file: Path, _changed: int) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
