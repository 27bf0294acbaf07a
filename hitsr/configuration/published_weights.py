"""Published weights that a user has already: the names under which they customarily lie in the folder of weights.

IMDN_x2.pth, IMDN_x2_official.pth       the network as tables print it, and the scale
hit-sir-2x/model.safetensors            other names that the catalogue lists; `*` stands for anything
"""

import shlex
from collections.abc import Iterator
from pathlib import Path

from hitsr.configuration.weights import published, weights_root
from hitsr.data.expected import Expected, check
from hitsr.errors import CheckpointError, DownloadError

CUSTOMARY = ("{network}_x{scale}{end}", "{network}_x{scale}_official{end}", "{network}_x{scale}_public{end}")
ENDS = (".safetensors", ".pth", ".pt")


def find(network: str, scale: int, root: Path) -> Path | None:
    """The published weights of a network that lie under `root`; None if there are none.

    Raises:
        ConfigError: the catalogue does not have the network.
        CheckpointError: a file of their name is another one, with its checksum and the expected one.
    """
    refused = []
    for path, files in _candidates(network, scale, root):
        faults = [fault for file in files if (fault := _fault(path, file))]
        if len(faults) < len(files):
            return path
        refused += faults[:1]
    if refused:
        raise CheckpointError(
            f"{refused[0]}: not the published weights of {network} x{scale}; move it away, or name it under `weights`"
        )
    return None


def planned(network: str, scale: int, root: Path) -> Path:
    """Where published weights that are not there will be downloaded to.

    Raises:
        ConfigError: the catalogue does not have the network.
        CheckpointError: they can only be got by hand; the message says how.
    """
    for file in published(network)["files"].get(str(scale), []):
        if file["homes"]:
            return root / file["name"]
    raise CheckpointError(f"no published weights of {network} x{scale} are under {root}/; {by_hand(network, scale)}")


def how_to_get(network: str, scale: int, root: Path) -> str:
    """How a user gets published weights that are not there, in words.

    Raises:
        ConfigError: the catalogue does not have the network.
    """
    if not homes_of(network, scale):
        return by_hand(network, scale)
    place = "" if root == weights_root() else f" --root {shlex.quote(str(root))}"
    return f"`hitsr weights get {network}{place}`"


def homes_of(network: str, scale: int) -> list[str]:
    """Addresses of the published weights of a network."""
    return [home for file in published(network)["files"].get(str(scale), []) for home in file["homes"]]


def by_hand(network: str, scale: int) -> str:
    """What a user does where nothing can be downloaded, in words."""
    entry = published(network)
    if "unpublished" in entry:
        return f"none are published: {entry['unpublished']}"
    how = entry.get("manual") or f"get {' or '.join(homes_of(network, scale))}"
    return f"by hand: {how}; put the file there as {network}_x{scale}.pth (or .pt, .safetensors)"


def expected(file: dict) -> Expected:
    """What the catalogue knows of a file."""
    return Expected(**{key: file[key] for key in ("bytes", "sha256", "md5", "git_blob") if key in file})


def _candidates(network: str, scale: int, root: Path) -> Iterator[tuple[Path, list[dict]]]:
    """Files that are there, and which of the catalogue's each may be."""
    files = published(network)["files"].get(str(scale), [])
    named: dict[Path, list[dict]] = {}
    for file in files:
        for name in (file["name"], *file["names"]):
            for path in sorted(root.glob(name)):
                named.setdefault(path, []).append(file)
    # a file that the catalogue does not name may be any of them, or one that was got by hand
    for form in CUSTOMARY:
        for end in ENDS:
            path = root / form.format(network=network, scale=scale, end=end)
            if path.is_file():
                alike = [file for file in files if Path(file["name"]).suffix == end]
                named.setdefault(path, alike or [{}])
    yield from named.items()


def _fault(path: Path, file: dict) -> str | None:
    try:
        check(path, expected(file))
    except DownloadError as error:
        return str(path.parent / str(error))
    return None
