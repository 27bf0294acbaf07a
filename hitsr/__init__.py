"""hitsr: the reproducible benchmark and ablation suite for HiT-SR (ECCV 2024).

Nothing heavy is imported until it is used, so that workflows and the command line start at once.
"""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hitsr.checkpoints.file import save as save
    from hitsr.checkpoints.loading import load as load
    from hitsr.checkpoints.official import load_official as load_official
    from hitsr.checkpoints.official import to_official as to_official
    from hitsr.networks.registry import build as build
    from hitsr.networks.registry import networks as list_networks
    from hitsr.optimized.replacement import optimize as optimize
    from hitsr.restore.inference import upscale as upscale

    methods = list_networks

_CHECKOUT = Path(__file__).resolve().parent.parent
if (_CHECKOUT / "baselines" / "__init__.py").is_file() and (_CHECKOUT / "Snakefile").is_file():
    # in a checkout `hitsr.baselines` is its top-level folder, whichever copy of the suite may be installed
    __path__.append(str(_CHECKOUT))

__version__ = "0.1.0"

_HOMES = {
    "build": "hitsr.networks.registry",
    "list_networks": "hitsr.networks.registry",
    "methods": "hitsr.networks.registry",
    "load": "hitsr.checkpoints.loading",
    "save": "hitsr.checkpoints.file",
    "load_official": "hitsr.checkpoints.official",
    "to_official": "hitsr.checkpoints.official",
    "optimize": "hitsr.optimized.replacement",
    "upscale": "hitsr.restore.inference",
}
_OTHERWISE = {"list_networks": "networks", "methods": "networks"}
"""Names that differ at home: `hitsr.networks` is the package, and `methods` the older name of `list_networks`."""
__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'hitsr' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), _OTHERWISE.get(name, name))
    globals()[name] = value
    return value
