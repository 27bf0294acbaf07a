"""Our checkpoints: safetensors with the network's name, options, scale and training record as metadata."""

import json
import sys
from pathlib import Path

import safetensors.torch
import torch
from torch import nn

from hitsr.errors import CheckpointError, OptionError, printable
from hitsr.networks.identity import identity
from hitsr.networks.metadata import is_ours
from hitsr.networks.official import load_official, official_names
from hitsr.networks.registry import SPANDREL, build, find, networks
from hitsr.networks.soundness import TooManyWeightsError, at_most, not_finite, unsound
from hitsr.networks.unwrapping import unwrap
from hitsr.networks.weights_file import read_metadata, read_tensors, write


def save(model: nn.Module, path: str | Path, record: dict | None = None) -> None:
    """Write the weights of a network made by `hitsr.build` to a safetensors file, atomically.

    Args:
        record: how the weights were trained; any JSON value, kept as metadata.

    Raises:
        CheckpointError: a weight is NaN or infinite; nothing is written.
    """
    made = identity(model)
    tensors = {name: tensor.detach().contiguous() for name, tensor in model.state_dict().items()}
    wrong = not_finite(tensors)
    if wrong is not None:
        raise CheckpointError(f"{path}: not written, as {wrong} of {made.name} is not finite")
    write(
        path, tensors, {"network": made.name, "scale": str(made.scale), "options": made.options, "record": record or {}}
    )


def load(
    path: str | Path, network: str | None = None, *, implementation: str | None = None, formulation: str | None = None
) -> nn.Module:
    """Build the network that one of our checkpoints holds, with its weights, in evaluation mode, on the CPU.

    Args:
        network: where to find a network that is not of this suite, `FILE.py:Class`; a file never says what to import.
        implementation, formulation: as of `hitsr.build`.

    Raises:
        CheckpointError: missing, unreadable, damaged, not one of ours, of a network this version does not have, or
            with weights that are not finite.
    """
    metadata = read_metadata(_existing(path))
    if network is not None and find(network).name != metadata["network"]:
        raise CheckpointError(
            f"{path}: holds {metadata['network']}, expected {find(network).name}; choose another file"
        )
    tensors = read_tensors(path)
    held = sum(tensor.numel() for tensor in tensors.values())
    how = {"implementation": implementation, "formulation": formulation}
    try:
        if _largest(metadata["options"]) > held:
            raise TooManyWeightsError(f"its options have {_largest(metadata['options']):,}")
        with at_most(held):
            model = build(network or metadata["network"], metadata["scale"], **metadata["options"], **how)
        wrong = unsound(tensors, model.state_dict())
        if wrong is not None:
            raise CheckpointError(f"{path}: {wrong}; weights like these give no image")
        model.load_state_dict(tensors)
    except OptionError as error:
        raise CheckpointError(f"{path}: {error}") from error
    except TooManyWeightsError as error:
        raise CheckpointError(
            f"{path}: holds {held:,} numbers, too few for the network that it says it holds ({error})"
        ) from error
    except RuntimeError as error:
        raise CheckpointError(f"{path}: its tensors do not fit its own record ({_first_line(error)})") from error
    return model.eval()


def load_any(path: str | Path, network: str, scale: int, options: dict) -> nn.Module:
    """Load `path` into a given network, whether it is one of our files or an official one, in evaluation mode.

    Args:
        network: as of `hitsr.build`.
        options: of the network; among them may be `implementation`.

    Raises:
        CheckpointError: the file holds another network, scale or shape; it says what the file seems to be.
    """
    path = _existing(path)
    if network == SPANDREL:
        return build(SPANDREL, scale, checkpoint=str(path)).eval()
    if not is_ours(path):
        model = build(network, scale, **options)
        steps = load_official_file(model, path)
        if steps:
            print(printable(f"{path}: {'; '.join(steps)}"), file=sys.stderr)
        return model.eval()
    found, name = read_metadata(path), find(network).name
    if (found["network"], found["scale"]) != (name, scale):
        raise CheckpointError(
            f"{path}: holds {found['network']} x{found['scale']}, expected {name} x{scale}; "
            "choose the other network or the other file"
        )
    how = {key: options[key] for key in ("implementation", "formulation") if key in options}
    model = load(path, network, **how)
    trained = identity(model).options
    for key, value in options.items():
        if key not in how and _plain(trained.get(key)) != _plain(value):
            raise CheckpointError(
                f"{path}: was trained with {key}={_plain(trained.get(key))}, expected {_plain(value)}"
            )
    return model


def load_official_file(model: nn.Module, path: str | Path) -> tuple[str, ...]:
    """Load a file of an official repository, `.pth` or `.safetensors`, into `model`, strictly.

    Returns:
        What was done to find the weights in the file, in words.

    Raises:
        CheckpointError: unreadable, or of another network, scale or shape; it says what the file seems to be.
    """
    try:
        found = unwrap(read_official(_existing(path)), official_names(model))
        load_official(model, found.tensors)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error
    return found.steps


def read_official(path: Path) -> object:
    """What an official file holds, without executing any of it.

    Raises:
        CheckpointError: it is not readable.
    """
    try:
        if path.suffix == ".safetensors":
            return safetensors.torch.load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises pickle, zip, EOF, runtime and attribute errors alike here
        reason = f"{type(error).__name__}: {_first_line(error)}"
        raise CheckpointError(f"not a readable checkpoint of tensors ({reason})") from error


def _existing(path: str | Path) -> Path:
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file; known networks: {', '.join(networks())}")
    return path


def _plain(value: object) -> object:
    return json.loads(json.dumps(value))


def _largest(value: object) -> int:
    """Largest integer among the options of a network: none can be larger than the network has weights."""
    if isinstance(value, dict | list):
        return max((_largest(part) for part in (value.values() if isinstance(value, dict) else value)), default=0)
    return value if isinstance(value, int) else 0


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "no message")
