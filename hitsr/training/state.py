"""The state of a training: everything needed to go on as if nothing had happened.

Order of images, crops, drop path and learning rate are functions of seed and iteration, so the iteration stands for
them all; weights, both moments of Adam and the moving average are saved. The file begins with a line that names its
format and the SHA-256 of all that follows.
"""

import hashlib
import io
from pathlib import Path

import torch

from hitsr.atomic import write_bytes
from hitsr.errors import CheckpointError

FORMAT = b"hitsr-state-2"
ANEW = "remove it to train anew"


def save_state(path: Path, state: dict) -> None:
    """Write a state atomically: where it cannot be written, the one before is still there.

    Raises:
        ResultError: the disk is full, or the folder cannot be written to.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    content = buffer.getvalue()
    write_bytes(path, b"%s %s\n" % (FORMAT, hashlib.sha256(content).hexdigest().encode()) + content)


def load_state(path: Path) -> dict | None:
    """The state saved in `path`, on the CPU, or None if there is none.

    Loading it copies weights and moments to where the network is; Adam's count of steps stays, since a GPU would be
    waited for in every step to read it.

    Raises:
        CheckpointError: it cannot be read, is damaged, or is of another version of this suite.
    """
    try:
        head, _, content = path.read_bytes().partition(b"\n")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CheckpointError(f"{path}: the saved state cannot be read ({error.strerror}); {ANEW}") from error
    format_, _, stated = head.partition(b" ")
    if format_ != FORMAT:
        if format_.startswith((FORMAT.rpartition(b"-")[0], b"PK")):
            raise CheckpointError(
                f"{path}: saved by another version of this suite; finish the training with that version, or {ANEW}"
            )
        raise CheckpointError(f"{path}: not a saved state of a training, or its beginning is damaged; {ANEW}")
    if hashlib.sha256(content).hexdigest().encode() != stated:
        raise CheckpointError(f"{path}: the saved state is damaged (its checksum does not match); {ANEW}")
    try:
        return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises pickle, zip, EOF, runtime and attribute errors alike here
        reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}"
        raise CheckpointError(
            f"{path}: the saved state cannot be read by this version of PyTorch ({reason}); "
            f"finish the training with the version that saved it, or {ANEW}"
        ) from error
