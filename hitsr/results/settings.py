"""What each step of a run was given, in files named by what they hold: a later workflow cannot change it."""

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from hitsr.configuration.steps import ReportSettings, Step
from hitsr.errors import ResultError
from hitsr.results.records import read_record, write_record

KIND = "settings"
Settings = TypeVar("Settings", bound=Step)


class Given:
    """The files of a run; nothing is written before `write` is called, so that a dry run leaves nothing.

    Args:
        folder: of the files.
        started: whether to write from the beginning.
    """

    def __init__(self, folder: Path, *, started: bool = False):
        self.folder, self.started = folder, started
        self._waiting: dict[Path, Step] = {}

    def path(self, step: Step) -> Path:
        """File with the settings of a step."""
        path = self.folder / f"{step.label}-{step.digest}.json"
        if self.started:
            _write(path, step)
        else:
            self._waiting[path] = step
        return path

    def write(self) -> None:
        """Write what was asked for, and from now on at once what is asked for."""
        self.started = True
        while self._waiting:
            _write(*self._waiting.popitem())


def _write(path: Path, step: Step) -> None:
    """The name says what decides the result; fields that decide nothing are replaced."""
    record = {"kind": KIND, "step": step.noun, "settings": step.model_dump(mode="json")}
    if isinstance(step, ReportSettings):
        # what is rendered has no record that says what it was made by
        record |= {"fingerprint": step.fingerprint, "code": step.code}
    try:
        same = read_record(path) == record
    except ResultError:
        same = False
    if not same:
        write_record(path, record)


def read_settings(path: Path, kind: type[Settings]) -> Settings:
    """What a step was given.

    Raises:
        ResultError: the file is missing, damaged, of another step, or of another version of the suite.
    """
    record = read_record(path)
    if (record.get("kind"), record.get("step")) != (KIND, kind.noun):
        raise ResultError(
            f"{path}: holds no settings of the step {kind.noun}; give the file that the workflow made for it"
        )
    try:
        return kind.model_validate(record["settings"])
    except ValidationError as error:
        raise ResultError(
            f"{path}: settings of another version of hitsr ({error.errors()[0]['msg']}); start the workflow again"
        ) from error
