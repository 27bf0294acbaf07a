"""hitsr: the reproducible benchmark and ablation suite for HiT-SR (ECCV 2024).

Nothing heavy is imported until it is used, so that workflows and the command line start at once.
"""

import importlib

__version__ = "0.1.0"

_HOMES = {
    "build": "hitsr.networks.registry",
    "methods": "hitsr.networks.registry",
    "load": "hitsr.networks.checkpoints",
    "save": "hitsr.networks.checkpoints",
    "load_official": "hitsr.networks.official",
    "to_official": "hitsr.networks.official",
    "upscale": "hitsr.restore.inference",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'hitsr' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
