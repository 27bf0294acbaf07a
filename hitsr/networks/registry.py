"""Registry of networks: from a name as papers print it, or `FILE.py:Class`, to a network with its options."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hitsr.errors import OptionError
from hitsr.networks.discovery import Discovery, discover, read_declaration, shipped
from hitsr.networks.identity import Identity, annotate
from hitsr.networks.loading import import_file, module_name
from hitsr.networks.signatures import Signature, signature

if TYPE_CHECKING:
    from torch import nn

__all__ = [
    "build", "discover", "find", "layout_module", "method", "methods", "network_module", "network_options", "networks",
]  # fmt: skip

SPANDREL = "spandrel"
"""Name of any network of another repository, which spandrel recognises from its checkpoint."""


@dataclass(frozen=True)
class Network:
    """Where a network is and what its `method.yaml` says about it.

    Attributes:
        name: as tables print it.
        file: Python file that its class is in.
        attribute: name of the class, or of a function that makes the network.
        image_range: white of its images, where the class does not say.
        scales: that it may be built for.
        layout: Python file with the layout of its official checkpoints, if their names are not those of the network.
    """

    name: str
    file: Path
    attribute: str
    image_range: float = 1.0
    scales: tuple[int, ...] = (2, 3, 4)
    layout: Path | None = None

    @cached_property
    def signature(self) -> Signature:
        """Its options, read from its source without importing it."""
        return signature(self.file, self.attribute)

    @property
    def options(self) -> tuple[str, ...]:
        """Names that `build` takes as options."""
        return (*self.signature.options, "implementation")

    def accepts(self, option: str) -> bool:
        """Whether `build` takes `option`."""
        return option in (*self.options, "formulation") or self.signature.anything

    def load(self) -> Callable[..., "nn.Module"]:
        """Its class, imported.

        Raises:
            OptionError: it cannot be imported.
        """
        self.signature  # noqa: B018 - says where the syntax is wrong
        return getattr(import_file(self.file), self.attribute)

    def make(self, scale: int, options: dict[str, object]) -> "nn.Module":
        """A new network.

        Raises:
            OptionError: it cannot be imported, or is no network.
        """
        from torch import nn

        model = self.load()(scale, **options)
        if not isinstance(model, nn.Module):
            raise OptionError(f"{self.file}: {self.attribute} is not a torch.nn.Module; extend that class")
        return model


def methods(plugins: Iterable[str | Path] = ()) -> dict[str, dict]:
    """The methods that there are, by name: keys as in `discovery.Declaration`; see `discovery.Discovery`.

    Args:
        plugins: folders of further methods. Those that are broken are left out; `method` says why.
    """
    return dict(_found(plugins).methods)


def method(name: str, plugins: Iterable[str | Path] = ()) -> dict:
    """The entry of one method.

    Raises:
        OptionError: no such method, or one that cannot be used, with the file and what to do.
    """
    return _found(plugins).get(name)


def unusable(plugins: Iterable[str | Path] = ()) -> list[str]:
    """Why folders of methods cannot be used; what their methods are called may be unknown."""
    return list(_found(plugins).broken.values())


def networks(plugins: Iterable[str | Path] = ()) -> list[str]:
    """Names of the methods that are networks."""
    return [name for name, entry in _found(plugins).methods.items() if entry["network"]]


def find(network: str) -> Network:
    """A network by its name, or by `FILE.py:Class`; a `method.yaml` beside that file describes it.

    Raises:
        OptionError: no such network or file.
    """
    if network == SPANDREL:
        return Network(SPANDREL, Path(__file__).with_name("spandrel.py"), "Spandrel")
    if ".py:" in network:
        file, attribute = network.rsplit(":", 1)
        path = Path(file).expanduser()
        if not path.is_file():
            raise OptionError(f"network {network!r}: no such file: {path}; correct the path")
        described = path.parent / "method.yaml"
        entry = read_declaration(described) if described.is_file() else {}
        if entry.get("network") != f"{path.name}:{attribute}":
            return Network(attribute, path, attribute)
        return _network(entry["name"] or path.parent.name, entry, path, attribute)
    return _of_suite(network)


@cache
def _of_suite(network: str) -> Network:
    """A network by its name, looked up once: many steps of a run have the same one."""
    found = shipped()
    if network not in found.broken and not found.methods.get(network, {}).get("network"):
        raise OptionError(f"unknown network {network!r}; choose one of {', '.join(networks())}, or FILE.py:Class")
    entry = found.get(network)
    file, attribute = entry["source"].rsplit(":", 1)
    return _network(network, entry, Path(file), attribute)


def network_module(network: str) -> str:
    """Dotted name of the module of a network of this suite, or the path of the file of another.

    Raises:
        OptionError: no such network.
    """
    file = find(network).file
    return module_name(file) or str(file)


def layout_module(network: str) -> str | None:
    """Dotted name, or the path, of the module with the layout of a network's official checkpoints; None without one.

    Raises:
        OptionError: no such network.
    """
    file = find(network).layout
    return None if file is None else module_name(file) or str(file)


def network_options(network: str) -> dict[str, object]:
    """Options of a network and their defaults, as its class and the classes that it extends declare them."""
    found = find(network)
    target = found.load()
    options: dict[str, object] = {}
    for owner in inspect.getmro(target) if inspect.isclass(target) else [target]:
        maker = vars(owner).get("__init__") if inspect.isclass(owner) else owner
        if maker is None:
            continue
        parameters = list(inspect.signature(maker).parameters.values())[2 if inspect.isclass(owner) else 1 :]
        own = {p.name: p.default for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)}
        options = {**{k: v for k, v in own.items() if v is not inspect.Parameter.empty}, **options}
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return options


def build(
    name: str, scale: int, *, implementation: str | None = None, formulation: str | None = None, **options: object
) -> "nn.Module":
    """Build a network with fresh weights.

    Args:
        name: one of `hitsr.list_networks()`, or `FILE.py:Class` for any other.
        scale: 2, 3 or 4.
        implementation: "optimized" (default); "reference" as published; "fixed_size" as published, but with the masks
            of window attention made once; equal up to rounding.
        formulation: the older name of `implementation`: "fast" or "plain".
        options: options of the network, `network_options(name)`.

    Returns:
        A network from images `(B, 3, H, W)` in [0, `image_range`] to `(B, 3, s H, s W)`, with its `name`,
        `scale` and complete `options` as attributes.

    Raises:
        OptionError: unknown network, scale or option, or a value that does not fit, with the valid choices.
    """
    network = find(name)
    implementation = _implementation(implementation, formulation)
    network.signature.check(network.name, options)
    if scale not in network.scales:
        raise OptionError(f"scale: expected one of {', '.join(map(str, network.scales))}, found {scale!r}")
    model = network.make(scale, options)
    complete = {**network_options(name), **options}
    annotate(model, Identity(network.name, scale, complete, network.image_range, network.layout))
    if implementation == "optimized":
        from hitsr.optimized.replacement import optimize

        optimize(model)
    elif implementation == "fixed_size":
        from hitsr.optimized.fixed_size import fix_size

        fix_size(model)
    return model


def _implementation(implementation: str | None, formulation: str | None) -> str:
    """Which implementation is asked for, by its present or its older name."""
    for key, value, choices in (
        ("implementation", implementation, ("reference", "fixed_size", "optimized")),
        ("formulation", formulation, ("plain", "fast")),
    ):
        if value not in (None, *choices):
            raise OptionError(f"{key}: expected one of {', '.join(choices)}, found {value!r}")
    return implementation or ("reference" if formulation == "plain" else "optimized")


def _found(plugins: Iterable[str | Path]) -> Discovery:
    return shipped().merged(discover(plugins))


def _network(name: str, entry: dict, file: Path, attribute: str) -> Network:
    folder = Path(entry.get("folder", file.parent))
    layout = folder / entry["checkpoint"] if entry["checkpoint"] else None
    return Network(name, file, attribute, entry["image_range"], tuple(entry["scales"]), layout)
