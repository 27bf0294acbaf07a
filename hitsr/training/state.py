"""The state of an unfinished training: everything needed to go on as if nothing had happened.

Order of images, crops, drop path and learning rate are functions of seed and iteration, so the iteration stands for
them all; weights, both moments of Adam and the moving average are saved.
"""

import io
from pathlib import Path

import torch

from hitsr.atomic import write_bytes
from hitsr.errors import CheckpointError


def save_state(path: Path, state: dict) -> None:
    """Write a state atomically: where it cannot be written, the one before is still there.

    Raises:
        ResultError: the disk is full, or the folder cannot be written to.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_bytes(path, buffer.getvalue())


def load_state(path: Path, identity: dict[str, object], device: torch.device) -> dict | None:
    """The state saved in `path`, or None if there is none.

    Args:
        identity: what the training depends on, as `Task.identity` gives it.

    Raises:
        CheckpointError: it cannot be read, or was saved under another identity; it says in what they differ.
    """
    if not path.exists():
        return None
    remedy = f"undo the change to go on, or remove {path} to train anew"
    try:
        state = torch.load(path, map_location=device, weights_only=True)
        saved = state["identity"]
    except Exception as error:  # torch raises pickle, zip, EOF, runtime and attribute errors alike here
        reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}"
        raise CheckpointError(f"{path}: the saved state cannot be read ({reason}); remove it to train anew") from error
    changed = [key for key in {**saved, **identity} if saved.get(key) != identity.get(key)]
    if changed:
        differences = "; ".join(f"{key} was {saved.get(key)!r}, is {identity.get(key)!r}" for key in changed)
        raise CheckpointError(
            f"{path}: a training that has reached iteration {state['iteration']} is not continued with other settings: "
            f"{differences}; {remedy}"
        )
    return state
