"""Getting published weights: adopted from the user's folder, or downloaded into it."""

from collections.abc import Callable
from pathlib import Path

from hitsr.configuration.published_weights import by_hand, expected, find
from hitsr.configuration.weights import published
from hitsr.data.download import alone, download, set_aside
from hitsr.data.transfer import Patience
from hitsr.errors import DownloadError

PATIENCE = Patience()
BEGINNINGS = (b"PK\x03\x04", b"\x80")
"""Of files that `torch.save` writes, today's and older ones."""


def fetch(network: str, scale: int, root: Path, tell: Callable[[str], None], patience: Patience = PATIENCE) -> Path:
    """Have the published weights of a network under `root`.

    Several processes may ask for the same: one downloads, the others wait for it.

    Args:
        tell: told in a sentence what is being waited for and what failed.

    Returns:
        The file.

    Raises:
        ConfigError: the catalogue does not have the network.
        CheckpointError: a file of their name is another one.
        DownloadError: no home has them, or there is none; the message says what to do by hand.
    """
    entry, failures = published(network), []
    found = find(network, scale, root)
    for file in entry["files"].get(str(scale), []) if found is None else []:
        target = root / file["name"]
        with alone(target, tell):
            found = find(network, scale, root)
            for home in file["homes"] if found is None else []:
                try:
                    download(home, target, expected(file), patience, tell)
                    _check_kind(target, home)
                    return target
                except DownloadError as error:
                    failures.append(str(error))
                    tell(str(error))
    if found is None:
        why = "".join(f"; {failure}" for failure in failures)
        raise DownloadError(f"{network} x{scale} is not under {root}/{why}; {by_hand(network, scale)}")
    return found


def _check_kind(path: Path, home: str) -> None:
    """A page that asks for consent, or the pointer of Git LFS, arrives like a file."""
    with path.open("rb") as file:
        start = file.read(9)
    if not start.startswith(BEGINNINGS) and start[8:] != b"{":
        raise DownloadError(f"{home}: not a file of weights but a page or a pointer; kept as {set_aside(path, path)}")
