"""What is trained, on what, and where the result goes."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hitsr.data.prepared import open_prepared

FREE = (
    "validate_every", "log_every", "checkpoint_every", "device", "processes", "data_on_device", "threads",
    "activation_checkpointing",
)  # fmt: skip
"""Keys of `train` that change how a training runs and reports, never its weights beyond rounding."""

CODE = "code "
"""Begins the names of code in the identity of a training."""


@dataclass
class Task:
    """One training.

    Attributes:
        train: the keys of `train` in the configuration.
        training_set, validation_set: folders of prepared data sets.
        folder: gets `weights.safetensors`, `history.json`, and `state.pt` while the training runs, `finished.pt` then.
        start: x2 weights of the same method to start x3 and x4 from, or None.
        watched_sets: folders of prepared test sets by name, whose PSNR the history has too.
        digests: of the configuration and the code, as the provenance of a result takes them.
    """

    method: str
    network: str
    options: dict
    scale: int
    seed: int
    train: dict
    training_set: Path
    validation_set: Path | None
    folder: Path
    start: Path | None = None
    watched_sets: dict[str, Path] = field(default_factory=dict)
    digests: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What progress bars and messages call it."""
        return f"{self.method} x{self.scale} seed {self.seed}"

    @property
    def state_path(self) -> Path:
        """Where the state of an unfinished training is kept."""
        return self.folder / "state.pt"

    @property
    def finished_path(self) -> Path:
        """Where the state of the finished training is kept: it can be gone on with, for more iterations."""
        return self.folder / "finished.pt"

    @property
    def weights_path(self) -> Path:
        """Where the weights go."""
        return self.folder / "weights.safetensors"

    def identity(self) -> dict[str, object]:
        """Everything that the weights and their history depend on, by name."""
        folders = {"training_set": self.training_set, "validation_set": self.validation_set}
        folders |= {f"watched_sets.{name}": path for name, path in self.watched_sets.items()}
        images = {name: open_prepared(path, self.scale).contents for name, path in folders.items() if path}
        return {
            "method": self.method,
            "network": self.network,
            "scale": self.scale,
            "seed": self.seed,
            **{f"options.{key}": value for key, value in self.options.items()},
            **{f"train.{key}": value for key, value in self.train.items() if key not in FREE},
            **{f"{name} (digest of its images)": found for name, found in images.items()},
            "start (sha256)": hashlib.sha256(self.start.read_bytes()).hexdigest() if self.start else None,
            **{f"{CODE}{file}": digest for file, digest in self._sources().items()},
        }

    def _sources(self) -> dict[str, str]:
        """Fingerprints of the code by file, or one of all of it."""
        return self.digests.get("sources") or {"that the training depends on": self.digests["source_digest"]}
