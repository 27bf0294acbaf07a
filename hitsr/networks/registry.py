"""The catalogue of networks: from a name as papers print it to a network with its options."""

import importlib
import inspect
from typing import TYPE_CHECKING

from hitsr.errors import OptionError

if TYPE_CHECKING:
    from torch import nn

NETWORKS = {
    "SwinIR-Light": "hitsr.baselines.swinir_light.network:SwinIRLight",
    "ELAN-Light": "hitsr.baselines.elan_light.network:ELANLight",
    "SwinIR-NG": "hitsr.baselines.swinir_ng.network:SwinIRNG",
    "SRFormer-Light": "hitsr.baselines.srformer_light.network:SRFormerLight",
    "HiT-SIR": "hitsr.networks.hit_sir:HiTSIR",
    "HiT-SNG": "hitsr.networks.hit_sng:HiTSNG",
    "HiT-SRF": "hitsr.networks.hit_srf:HiTSRF",
}
"""Where each network lives. Modules are imported when a network is built, not before."""


def methods() -> list[str]:
    """Names of the networks, as in Table 2 of the paper."""
    return list(NETWORKS)


def network_module(name: str) -> str:
    """Dotted name of the module that holds network `name`.

    Raises:
        OptionError: no such network.
    """
    return _entry(name).split(":")[0]


def network_options(name: str) -> dict[str, object]:
    """Options of network `name` and their defaults, as its class and the classes it extends declare them."""
    module, attribute = _entry(name).split(":")
    options: dict[str, object] = {}
    for owner in inspect.getmro(getattr(importlib.import_module(module), attribute)):
        if "__init__" in vars(owner):
            parameters = inspect.signature(owner.__init__).parameters.values()
            own = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
            options = {**own, **options}
            if not any(p.kind is p.VAR_KEYWORD for p in parameters):
                break
    return options


def build(name: str, scale: int, **options: object) -> "nn.Module":
    """Build a network with fresh weights.

    Args:
        name: one of `methods()`.
        scale: 2, 3 or 4.
        options: keyword options of the network, `network_options(name)`; among them `formulation`, "fast"
            (default) or "plain" as published.

    Returns:
        A network from images `(B, 3, H, W)` in [0, `image_range`] to `(B, 3, s H, s W)`, with its `name`,
        `scale` and complete `options` as attributes.

    Raises:
        OptionError: unknown network, scale or option, or a value that does not fit, with the valid choices.
    """
    module, attribute = _entry(name).split(":")
    known = network_options(name)
    for option in options:
        if option not in known:
            raise OptionError(f"{name} has no option {option!r}; its options: {', '.join(known)}")
    network = getattr(importlib.import_module(module), attribute)(scale, **options)
    network.name = name
    network.options = {**known, **options}
    return network


def _entry(name: str) -> str:
    if name not in NETWORKS:
        raise OptionError(f"unknown network {name!r}; choose one of {', '.join(NETWORKS)}")
    return NETWORKS[name]
