"""The papers behind a run, from `references.bib`: of its methods, data, measures and figures."""

import re
from dataclasses import dataclass
from functools import cache

from hitsr.analysis.published import FOLDER
from hitsr.configuration import trained, used_sets
from hitsr.errors import ConfigError
from hitsr.measure.metrics import chosen
from hitsr.report import contents

FILE = FOLDER / "references.bib"


@dataclass(frozen=True)
class Reference:
    """A paper.

    Attributes:
        key: to cite it by.
        bibtex: its entry, complete.
        used_for: what in the run it stands behind.
    """

    key: str
    bibtex: str
    used_for: str = ""

    def _field(self, *names: str) -> str:
        for name in names:
            found = re.search(rf"^\s*{name}\s*=\s*\{{(.*)\}},?\s*$", self.bibtex, re.MULTILINE)
            if found:
                return re.sub(r"[{}]", "", found.group(1))
        return ""

    @property
    def title(self) -> str:
        return self._field("title")

    @property
    def authors(self) -> str:
        """Given names first, such as `Xiang Zhang, Yulun Zhang and Fisher Yu`; of more than eight, the first three."""
        names = [" ".join(reversed(name.split(", ", 1))) for name in self._field("author").split(" and ")]
        if len(names) > 8:
            return f"{', '.join(names[:3])} et al."
        return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

    @property
    def venue(self) -> str:
        return self._field("booktitle", "journal")

    @property
    def year(self) -> str:
        return self._field("year")


@cache
def library() -> dict[str, str]:
    """BibTeX entries by key."""
    entries = re.findall(r"^@\w+\{[^@]*^\}", FILE.read_text(encoding="utf-8"), re.MULTILINE)
    return {entry.split("{", 1)[1].split(",", 1)[0]: entry for entry in entries}


def used(config: dict) -> list[Reference]:
    """The papers that a run cites, in the order of the methods, then data, measures and tools.

    Raises:
        ConfigError: a cited paper is not in the library.
    """
    purposes: dict[str, list[str]] = {}
    for key, purpose in _cited(config):
        if key not in library():
            raise ConfigError(f"{FILE}: has no paper {key!r}, which is cited for {purpose}")
        if purpose not in purposes.setdefault(key, []):
            purposes[key].append(purpose)
    return [Reference(key, library()[key], ", ".join(names)) for key, names in purposes.items()]


def _cited(config: dict) -> list[tuple[str, str]]:
    """Keys of papers, each with what it is cited for."""
    found = [(entry["cite"], name) for name, entry in config["methods"].items() if entry["cite"]]
    for name in used_sets(config):
        dataset = config["datasets"][name]
        found += [(dataset["cite"], name)] if "cite" in dataset else []
        found += [("vanderwalt2014scikit", name)] if "photographs" in dataset else []
    if "quality" in contents.needs(config):
        found += [(key, metric.title) for metric in chosen(config) for key in metric.cites]
    for entry in contents.shown(config):
        found += [(key, entry.title[0].lower() + entry.title[1:]) for key in entry.cites]
    found += [("kingma2015adam", "training")] if trained(config) else []
    if any(entry["network"] for entry in config["methods"].values()):
        found.append(("paszke2019pytorch", "all networks"))
    return found
