"""The files that the page's numbers come from, and what made each."""

import os
from pathlib import Path

import pandas as pd

from hitsr.analysis.measurements import minute
from hitsr.analysis.published import WHERE
from hitsr.catalogs import FOLDER


class Origins:
    """Files that numbers come from, numbered as the page's script knows them.

    Attributes:
        rows: provenance of every measurement file, by its path.
    """

    def __init__(self, provenance: pd.DataFrame, folder: Path):
        self.rows = provenance.sort_values("file").to_dict("records") if len(provenance) else []
        self._folder = folder.resolve()
        self._known = {row["file"]: row for row in self.rows}
        self._numbers: dict[str, int] = {}

    def link(self, file: str) -> str:
        """Link from the page to a file: measurement files lie below the folder of the run, printed figures here."""
        path = FOLDER.parent.parent / file if file.startswith(WHERE) else Path(file).resolve()
        return Path(os.path.relpath(path, self._folder)).as_posix()

    def numbers(self, files: tuple[str, ...]) -> str:
        """The numbers of some files, separated by spaces; a new file gets the next number."""
        return " ".join(str(self._numbers.setdefault(file, len(self._numbers))) for file in files)

    @property
    def described(self) -> list[dict]:
        """What the page says of each file, by its number. A file of printed figures has no command."""
        return [self._description(file) for file in self._numbers]

    def _description(self, file: str) -> dict:
        shared = {"file": file, "href": self.link(file)}
        row = self._known.get(file)
        if row is None:
            return shared
        hardware = row["hardware"]
        return {
            **shared,
            "command": row["command"],
            "commit": (row["commit"] or "unknown")[:10] + ("*" if row["dirty"] else ""),
            "started": minute(row["started"]),
            "seconds": f"{row['duration_s']:.1f}",
            "device": hardware["gpu"] if str(row["device"]).startswith("cuda") else hardware["cpu"],
        }

    @property
    def software(self) -> list[tuple[str, str]]:
        """Packages and their versions when the last file was measured."""
        if not self.rows:
            return []
        versions = max(self.rows, key=lambda row: row["started"])["versions"]
        return [(package, version) for package, version in versions.items() if version]
