"""The optional packages of exporting, asked for before anything is computed."""

import importlib.util

from hitsr.errors import OptionError

NEEDED = {"onnx": ("onnx", "onnxscript"), "openvino": ("onnx", "onnxscript", "openvino")}
"""Packages that each kind of file takes."""


def missing(*packages: str) -> list[str]:
    """Those of `packages` that are not installed."""
    return [name for name in packages if importlib.util.find_spec(name) is None]


def require(kind: str) -> None:
    """Require the packages that files of a kind take.

    Raises:
        OptionError: some are missing, with the command that installs them.
    """
    lacking = missing(*NEEDED[kind])
    if lacking:
        raise OptionError(f"export to {kind}: missing: {', '.join(lacking)}; pip install 'hitsr[{kind}]'")
