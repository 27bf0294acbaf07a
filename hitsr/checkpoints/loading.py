"""Networks out of files of weights: ours, which say what they hold, and those of official repositories."""

import json
import sys
from pathlib import Path

from torch import nn

from hitsr.checkpoints.file import read_metadata, read_tensors
from hitsr.checkpoints.layout import identify
from hitsr.checkpoints.metadata import is_ours
from hitsr.checkpoints.official import load_official, official_names
from hitsr.checkpoints.reading import existing, read_content
from hitsr.checkpoints.recognition import recognise
from hitsr.checkpoints.soundness import TooManyWeightsError, at_most, conversions, unsound
from hitsr.checkpoints.unwrapping import unwrap
from hitsr.errors import CheckpointError, OptionError, printable
from hitsr.networks.identity import identity
from hitsr.networks.registry import SPANDREL, build, find

HOW = ("implementation", "formulation")
"""Options of `hitsr.build` that are no options of a network."""


def load(
    path: str | Path, network: str | None = None, *, implementation: str | None = None, formulation: str | None = None
) -> nn.Module:
    """The network that a file of weights holds, with its weights, in evaluation mode, on the CPU.

    Our own files say what they hold. Official ones are recognised if they fit a network of this suite at its published
    size, and no other.

    Args:
        network: where to find a network that is not of this suite, `FILE.py:Class`; a file never says what to import.
        implementation, formulation: as of `hitsr.build`.

    Raises:
        CheckpointError: missing, unreadable, damaged, of a network that this version does not have or that is not
            recognised, or with weights that cannot be computed with.
    """
    path = existing(path)
    how = {"implementation": implementation, "formulation": formulation}
    return _load_own(path, network, how) if is_ours(path) else _load_recognised(path, network, how)


def load_any(path: str | Path, network: str, scale: int, options: dict) -> nn.Module:
    """Load `path` into a given network, whether it is one of our files or an official one, in evaluation mode.

    Args:
        network: as of `hitsr.build`.
        options: of the network; among them may be `implementation`.

    Raises:
        CheckpointError: the file holds another network, scale or shape; it says what the file seems to be.
    """
    path = existing(path)
    if network == SPANDREL:
        return build(SPANDREL, scale, checkpoint=str(path)).eval()
    if not is_ours(path):
        model = build(network, scale, **options)
        _say(path, load_official_file(model, path))
        return model.eval()
    held, name = read_metadata(path), find(network).name
    if (held["network"], held["scale"]) != (name, scale):
        raise CheckpointError(
            f"{path}: holds {held['network']} x{held['scale']}, expected {name} x{scale}; "
            "choose the other network or the other file"
        )
    model = _load_own(path, network, {key: options[key] for key in HOW if key in options})
    trained = _plain(identity(model).options)
    for key, value in _plain(options).items():
        if key not in HOW and trained.get(key) != value:
            raise CheckpointError(f"{path}: was trained with {key}={trained.get(key)}, expected {value}")
    return model


def load_official_file(model: nn.Module, path: str | Path) -> tuple[str, ...]:
    """Load a file of an official repository, of torch.save or safetensors, into `model`, strictly.

    Returns:
        What was done to find the weights in the file, in words.

    Raises:
        CheckpointError: unreadable, or of another network, scale or shape; it says what the file seems to be.
    """
    path = existing(path)
    try:
        names = official_names(model)
        found = unwrap(read_content(path), names)
        load_official(model, found.tensors)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error
    own = model.state_dict()
    return (*found.steps, *conversions(found.tensors, {name: own[mine] for name, mine in names.items()}))


def _load_own(path: Path, network: str | None, how: dict) -> nn.Module:
    metadata = read_metadata(path)
    expected = metadata["network"] if network is None else find(network).name
    if metadata["network"] != expected:
        raise CheckpointError(f"{path}: holds {metadata['network']}, expected {expected}; choose another file")
    tensors = read_tensors(path)
    held = sum(tensor.numel() for tensor in tensors.values())
    try:
        if _largest(metadata["options"]) > held:
            raise TooManyWeightsError(f"its options have {_largest(metadata['options']):,}")
        # what a file claims is built no further than what it holds
        with at_most(held):
            model = build(network or metadata["network"], metadata["scale"], **metadata["options"], **how)
    except OptionError as error:
        raise CheckpointError(f"{path}: {error}") from error
    except TooManyWeightsError as error:
        raise CheckpointError(
            f"{path}: holds {held:,} numbers, too few for the network that it says it holds ({error})"
        ) from error
    except Exception as error:  # options of a file may be anything
        reason = f"{type(error).__name__}: {next(iter(str(error).splitlines()), 'no message')}"
        raise CheckpointError(f"{path}: the network that it says it holds cannot be built ({reason})") from error
    own = model.state_dict()
    shapes = {name: tensor.shape for name, tensor in own.items()}
    wrong = [name for name in {**shapes, **tensors} if name not in tensors or tensors[name].shape != shapes.get(name)]
    if wrong:
        raise CheckpointError(
            f"{path}: its tensors are not those of the {metadata['network']} that it says it holds: {wrong[0]}"
            + (f" and {len(wrong) - 1} more" if len(wrong) > 1 else "")
        )
    unfit = unsound(tensors, own)
    if unfit is not None:
        raise CheckpointError(f"{path}: {unfit}; weights like these give no image")
    _say(path, conversions(tensors, own))
    model.load_state_dict(tensors)
    return model.eval()


def _load_recognised(path: Path, network: str | None, how: dict) -> nn.Module:
    try:
        content = read_content(path)
        found = [place for place in recognise(content) if network in (None, place[0])]
        seems = identify(unwrap(content).tensors)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error
    if len(found) != 1:
        fits = f"fits {' and '.join(f'{name} x{scale}' for name, scale in found)}" if found else "fits no network"
        raise CheckpointError(
            f"{path}: {fits} of this suite at its published size; it seems to be {seems}. Name it: --network and "
            "--scale, or build that network and use hitsr.load_official"
        )
    name, scale = found[0]
    model = build(name, scale, **how)
    _say(path, (f"recognised as {name} x{scale}", *load_official_file(model, path)))
    return model.eval()


def _say(path: Path, steps: tuple[str, ...] | list[str]) -> None:
    """Tell on standard error what was done with a file."""
    if steps:
        print(printable(f"{path}: {'; '.join(steps)}"), file=sys.stderr)


def _plain(options: dict[str, object]) -> dict[str, object]:
    """Options as JSON gives them back."""
    return json.loads(json.dumps(options))


def _largest(value: object) -> int:
    """Largest integer among the options of a network: none can be larger than the network has weights."""
    if isinstance(value, dict | list):
        return max((_largest(part) for part in (value.values() if isinstance(value, dict) else value)), default=0)
    return value if isinstance(value, int) else 0
