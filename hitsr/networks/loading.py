"""Import of a network's class by its file: of this suite by its dotted name, of a plug-in under a name of its own."""

import hashlib
import importlib
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

from hitsr.errors import OptionError
from hitsr.networks.signatures import PACKAGE, baselines_folder

PLUGINS = "hitsr_plugins"
"""Package that the folders of plug-ins are imported into."""


def module_name(file: Path) -> str | None:
    """Dotted name of a file of this suite; None for a plug-in."""
    file = file.resolve()
    for name, folder in (("hitsr.baselines", baselines_folder()), ("hitsr", PACKAGE)):
        if file.is_relative_to(folder):
            return ".".join([name, *file.relative_to(folder).with_suffix("").parts])
    return None


def import_file(file: Path) -> ModuleType:
    """The module in `file`, imported once.

    The folder of a plug-in is a package of its own, so that `from .blocks import Block` reads `blocks.py` beside it
    and two plug-ins may have files of the same name.

    Raises:
        OptionError: something that it imports is missing.
    """
    name = module_name(file)
    if name is None:
        name = f"{_package(file.resolve().parent)}.{file.stem}"
    try:
        return importlib.import_module(name)
    except ImportError as error:
        beside = error.name and (file.parent / f"{error.name.split('.')[0]}.py").is_file()
        remedy = f"write `from .{error.name} import ...`" if beside else "install it, or correct the import"
        raise OptionError(f"{file}: cannot be imported: {error}; {remedy}") from error


def _package(folder: Path) -> str:
    """Name of the package that a plug-in's folder is, made if there is none yet."""
    readable = re.sub(r"\W", "_", folder.name)
    name = f"{PLUGINS}.{readable}_{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"
    if PLUGINS not in sys.modules:
        sys.modules[PLUGINS] = ModuleType(PLUGINS)
        sys.modules[PLUGINS].__path__ = []
    if name not in sys.modules:
        init, inside = folder / "__init__.py", [str(folder)]
        found = importlib.util.spec_from_file_location(name, init, submodule_search_locations=inside)
        spec = found if init.is_file() else None
        package = ModuleType(name) if spec is None else importlib.util.module_from_spec(spec)
        package.__path__ = inside
        sys.modules[name] = package
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module(package)
    return name
