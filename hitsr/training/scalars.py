"""Scalars of trainings for TensorBoard: what their histories and saved states hold, written beside them.

Nothing here is part of a training, so that no result depends on it, and finished trainings can be looked at too.
"""

import importlib.util
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from hitsr.errors import OptionError
from hitsr.results.layout import Layout
from hitsr.results.records import read_record
from hitsr.training.state import load_state

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


def require() -> None:
    """Require the package that writes TensorBoard's files.

    Raises:
        OptionError: it is missing, with the command that installs it.
    """
    if importlib.util.find_spec("tensorboard") is None:
        raise OptionError("scalars for TensorBoard: missing: tensorboard; pip install 'hitsr[tensorboard]'")


class Curves:
    """The scalars of one training in a folder of TensorBoard's.

    Args:
        training: folder of the training.
        target: folder of the scalars; what an earlier call wrote there is replaced.
    """

    def __init__(self, training: Path, target: Path):
        self.training, self.target = training, target
        self._written: list[dict] = []
        self._writer: SummaryWriter | None = None

    def update(self) -> int:
        """Write what is new, and return how many scalars that was.

        A training that began anew, so that it is not what was written any more, is written anew.

        Raises:
            CheckpointError: the saved state cannot be read.
            ResultError: the history is damaged.
        """
        rows = self._rows()
        if self._writer is None or rows[: len(self._written)] != self._written:
            self._begin()
        assert self._writer is not None
        new = rows[len(self._written) :]
        for row in new:
            self._writer.add_scalar("/".join(_tag(row)), row["value"], row["iteration"])
        self._writer.flush()
        self._written = rows
        return len(new)

    def close(self) -> None:
        """Close the file."""
        if self._writer is not None:
            self._writer.close()

    def _begin(self) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.close()
        shutil.rmtree(self.target, ignore_errors=True)
        self._writer, self._written = SummaryWriter(str(self.target)), []

    def _rows(self) -> list[dict]:
        history = self.training / "history.json"
        if history.is_file():
            return read_record(history)["rows"]
        state = load_state(self.training / "state.pt")
        return [] if state is None else state["rows"]


def curves(layout: Layout) -> list[Curves]:
    """Those of every training of a run that has begun."""
    found = sorted(path for path in layout.trainings.glob("*/x*/seed*") if path.is_dir())
    return [Curves(path, layout.tensorboard / path.relative_to(layout.trainings)) for path in found]


def _tag(row: dict) -> list[str]:
    """Such as `loss`, `validation_psnr` or `test_psnr/Urban100`."""
    return [row["quantity"], *([row["dataset"]] if row.get("dataset") else [])]
