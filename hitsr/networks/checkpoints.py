"""Our checkpoints: safetensors with the network's name, options, scale and training record as metadata."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import nn

from hitsr.atomic import replacing
from hitsr.errors import CheckpointError, OptionError
from hitsr.networks.finite import not_finite
from hitsr.networks.identity import identity
from hitsr.networks.official import identify, load_official, unwrap
from hitsr.networks.registry import build, networks

FORMAT = "hitsr-1"
METADATA = ("format", "network", "scale", "options", "record")
"""Keys of a checkpoint beside its checksum."""


def save(model: nn.Module, path: str | Path, record: dict | None = None) -> None:
    """Write the weights of a network made by `hitsr.build` to a safetensors file, atomically.

    Args:
        record: how the weights were trained; any JSON value, kept as metadata.

    Raises:
        CheckpointError: a weight is NaN or infinite; nothing is written.
    """
    made = identity(model)
    options = {key: value for key, value in made.options.items() if key != "formulation"}
    metadata = {
        "format": FORMAT,
        "network": made.name,
        "scale": str(made.scale),
        "options": json.dumps(options),
        "record": json.dumps(record or {}),
    }
    tensors = {name: tensor.detach().contiguous() for name, tensor in model.state_dict().items()}
    wrong = not_finite(tensors)
    if wrong is not None:
        raise CheckpointError(f"{path}: not written, as {wrong} of {made.name} is not finite")
    metadata["checksum"] = _checksum(metadata, tensors)
    with replacing(path) as temporary:
        temporary.write_bytes(safetensors.torch.save(tensors, metadata))


def read_metadata(path: str | Path) -> dict:
    """Network, scale, options and training record of one of our checkpoints.

    Raises:
        CheckpointError: missing, unreadable, or not one of ours.
    """
    try:
        with safetensors.safe_open(_existing(path), framework="pt") as file:
            metadata, names = file.metadata() or {}, list(file.keys())
            weights = {} if metadata.get("format") == FORMAT else {name: file.get_tensor(name) for name in names}
    except (safetensors.SafetensorError, OSError) as error:
        raise CheckpointError(f"{path}: not a readable safetensors file ({error}); was it cut short?") from error
    if metadata.get("format") != FORMAT:
        raise CheckpointError(
            f"{path}: no record of the network it holds; it seems to be {identify(weights)}. "
            "Build that network and use hitsr.load_official for files of the official repositories"
        )
    return {
        "network": metadata["network"],
        "scale": int(metadata["scale"]),
        "options": json.loads(metadata["options"]),
        "record": json.loads(metadata["record"]),
    }


def load(path: str | Path, formulation: str = "fast") -> nn.Module:
    """Build the network that one of our checkpoints holds, with its weights, in evaluation mode, on the CPU.

    Raises:
        CheckpointError: missing, unreadable, damaged, not one of ours, or of a network this version does not have.
    """
    metadata = read_metadata(path)
    try:
        model = build(metadata["network"], metadata["scale"], **metadata["options"], formulation=formulation)
        model.load_state_dict(_tensors(path))
    except OptionError as error:
        raise CheckpointError(f"{path}: {error}") from error
    except RuntimeError as error:
        raise CheckpointError(f"{path}: its tensors do not fit its own record ({error})") from error
    return model.eval()


def _tensors(path: str | Path) -> dict[str, torch.Tensor]:
    """Tensors of one of our checkpoints, compared with their checksum; files of before it was there have none.

    Raises:
        CheckpointError: the file was changed or damaged since it was written.
    """
    with safetensors.safe_open(path, framework="pt") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    stated = metadata.pop("checksum", None)
    if set(metadata) != set(METADATA) or stated not in (None, _checksum(metadata, tensors)):
        raise CheckpointError(
            f"{path}: was changed or damaged since it was written; delete it, and train it again or fetch it again"
        )
    return tensors


def _checksum(metadata: Mapping[str, str], tensors: Mapping[str, torch.Tensor]) -> str:
    """SHA-256 of metadata and of every tensor's name, type, shape and bytes."""
    found = hashlib.sha256(json.dumps(dict(metadata), sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name].cpu().contiguous()
        found.update(json.dumps([name, str(tensor.dtype), list(tensor.shape)]).encode())
        found.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()


def load_any(path: str | Path, network: str, scale: int, options: dict) -> nn.Module:
    """Load `path` into a given network, whether it is one of our files or an official one, in evaluation mode.

    Raises:
        CheckpointError: the file holds another network, scale or shape; it says what the file seems to be.
    """
    path = _existing(path)
    if path.suffix == ".safetensors":
        found = read_metadata(path)
        if (found["network"], found["scale"]) != (network, scale):
            raise CheckpointError(
                f"{path}: holds {found['network']} x{found['scale']}, expected {network} x{scale}; "
                "choose the other network or the other file"
            )
        model = load(path, formulation=options.get("formulation", "fast"))
        trained = identity(model).options
        for key, value in options.items():
            if key != "formulation" and _plain(trained.get(key)) != _plain(value):
                raise CheckpointError(
                    f"{path}: was trained with {key}={_plain(trained.get(key))}, expected {_plain(value)}"
                )
        return model
    model = build(network, scale, **options)
    try:
        return load_official(model, read_official(path)).eval()
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error


def read_official(path: str | Path) -> dict[str, torch.Tensor]:
    """Tensors by official name out of a `.pth` file, without executing anything it holds.

    Raises:
        CheckpointError: missing, cut short, or more than tensors.
    """
    try:
        content = torch.load(_existing(path), map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises pickle, zip, EOF, runtime and attribute errors alike here
        raise CheckpointError(
            f"{path}: not a readable checkpoint of tensors ({type(error).__name__}: {str(error).splitlines()[0]})"
        ) from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path}: expected tensors by name, found {type(content).__name__}")
    return unwrap(content)


def _existing(path: str | Path) -> Path:
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file; known networks: {', '.join(networks())}")
    return path


def _plain(value: object) -> object:
    return json.loads(json.dumps(value))
