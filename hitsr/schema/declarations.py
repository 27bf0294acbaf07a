"""What Python files declare of themselves at their top, read without running them.

    TABLE = contents.Table(name="mine", title="My table", ...)

A file says in literal values what it is; what it needs to do its work, it may import as it likes, and is loaded only
when it is to do it. So that a workflow knows every table without importing any of what draws it.
"""

import ast
import importlib
import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import ClassVar, Generic, TypeVar

from hitsr.errors import ConfigError
from hitsr.schema.checking import validated
from hitsr.schema.sections import Section, required
from hitsr.schema.types import Text

PACKAGE = Path(__file__).resolve().parent.parent


class Declaration(Section):
    """What a file declares of itself.

    Attributes:
        variable: name of the variable in the file.
    """

    variable: ClassVar[str]
    name: Text = required("How configurations call it.")


D = TypeVar("D", bound=Declaration)


@dataclass(frozen=True)
class Declared(Generic[D]):
    """A declaration and the file that it stands in."""

    declaration: D
    file: Path

    @property
    def module(self) -> str | None:
        """Name of the module, if the file is one of this suite."""
        if not self.file.is_relative_to(PACKAGE):
            return None
        return ".".join((PACKAGE.name, *self.file.relative_to(PACKAGE).with_suffix("").parts))

    def load(self) -> ModuleType:
        """Import the file."""
        if self.module:
            return importlib.import_module(self.module)
        name = f"hitsr_plugin_{self.declaration.variable.lower()}_{self.file.stem}"
        spec = importlib.util.spec_from_file_location(name, self.file)
        if spec is None or spec.loader is None:
            raise ConfigError(f"{self.file}: not a Python file; call it NAME.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module


def declared(folder: Path, kind: type[D]) -> dict[str, Declared[D]]:
    """Every declaration of a kind in the Python files of a folder, by name; files that begin with "_" are left out.

    Raises:
        ConfigError: a file declares nothing, or declares it wrongly; or two have one name.
    """
    found: dict[str, Declared[D]] = {}
    for file in sorted(folder.resolve().glob("[!_]*.py")):
        state = file.stat()
        declaration = _remembered(file, kind, (state.st_mtime_ns, state.st_size))
        if declaration.name in found:
            other = found[declaration.name].file
            raise ConfigError(f"{file}: {other} has the name {declaration.name!r} too; rename one of them")
        found[declaration.name] = Declared(declaration, file)
    return found


@cache
def _remembered(file: Path, kind: type[D], state: tuple[int, int]) -> D:
    """A declaration, read again only if the file has changed."""
    return read_declaration(file, kind)


def everywhere(folder: Path, part: str, kind: type[D], plugins: Iterable[str | Path] = ()) -> dict[str, Declared[D]]:
    """Every declaration of a kind in a folder of this suite, and after them those in folders `part` of plug-ins.

    Raises:
        ConfigError: as `declared`; or a plug-in has a name that is there already.
    """
    found = dict(declared(folder, kind))
    for plugin in plugins:
        for name, other in declared(Path(plugin).expanduser() / part, kind).items():
            if name in found:
                raise ConfigError(f"{other.file}: {found[name].file} has the name {name!r} too; rename it")
            found[name] = other
    return found


def read_declaration(file: Path, kind: type[D]) -> D:
    """The declaration of a kind in a file.

    Raises:
        ConfigError: the file cannot be read, has no such declaration, or one that is wrong.
    """
    form = f"{kind.variable} = {kind.__name__}(name=..., ...)"
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read ({error}); it must be a text file in UTF-8") from error
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise ConfigError(f"{file}{line}: not valid Python: {getattr(error, 'msg', error)}") from error
    for node in tree.body:
        names = [target.id for target in getattr(node, "targets", ()) if isinstance(target, ast.Name)]
        if isinstance(node, ast.Assign) and kind.variable in names:
            return validated(kind, _literals(node.value, file, kind, form), f"{file}: {kind.variable}")
    raise ConfigError(f"{file}: declares no {kind.__name__.lower()}; write `{form}` at its top")


def _literals(call: ast.expr, file: Path, kind: type[Declaration], form: str) -> dict[str, object]:
    """The keyword arguments of a call of `kind`."""
    made = getattr(call, "func", None)
    name = made.attr if isinstance(made, ast.Attribute) else getattr(made, "id", None)
    if not isinstance(call, ast.Call) or call.args or name != kind.__name__:
        raise ConfigError(f"{file}, line {call.lineno}: expected `{form}`, every value by name")
    found: dict[str, object] = {}
    for argument in call.keywords:
        try:
            found[str(argument.arg)] = ast.literal_eval(argument.value)
        except ValueError as error:
            raise ConfigError(
                f"{file}, line {argument.value.lineno}: {argument.arg}: must be written out as a literal value, since "
                "it is read without running the file"
            ) from error
    return found
