"""Every failure that a user can cause or cure, one class per cause.

A message says what was expected, what was found and what to do next. The command line prints it as one
line and exits with status 1; anything else is a bug and keeps its traceback.
"""

import json
import unicodedata


class HitsrError(Exception):
    """Base of the errors below. Its text is one line that any terminal can print, whatever a file is called."""

    def __str__(self) -> str:
        return printable(super().__str__())


def printable(text: str) -> str:
    r"""A text in one line: line breaks and control characters as `\n`, bytes that are not UTF-8 as `\xe9`."""
    return "".join(_escaped(character) if is_control(character) else character for character in text)


def leave_out(image: str, dataset: str) -> str:
    """How an image is left out of a data set, as messages say it."""
    # in quotes: YAML would read 302003 as a number, and no as a truth value
    return f"leave it out with `exclude: [{json.dumps(image, ensure_ascii=False)}]` under datasets.{dataset}"


def is_control(character: str) -> bool:
    """Whether a character has no place in a line of text: control, format, line separator, or not a character."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _escaped(character: str) -> str:
    # Python keeps a byte of a file name that is not UTF-8 as a lone surrogate
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()


class ConfigError(HitsrError, ValueError):
    """A configuration key is unknown, of the wrong type, or names something that does not exist."""


class OptionError(HitsrError, ValueError):
    """A network was asked for with an option, a scale or a name that it does not have."""


class InputError(HitsrError, ValueError):
    """A tensor or array handed to a network has the wrong rank, channels or type."""


class ImageError(HitsrError, ValueError):
    """An image file or folder is missing, empty, truncated, or of a kind that is refused."""


class FileError(HitsrError, ValueError):
    """A file that a run was given is missing, cannot be read, or changes while it is read."""


class DownloadError(HitsrError, RuntimeError):
    """A data set cannot be downloaded, or what arrived is not what was expected."""


class CheckpointError(HitsrError, ValueError):
    """A checkpoint is unreadable, or holds another network, scale or layout than asked for."""


class ResultError(HitsrError, ValueError):
    """A measurement file is missing, incomplete, or belongs to another run."""


class TrainingError(HitsrError, RuntimeError):
    """Training cannot start or cannot go on (no patch fits, loss not finite)."""


class PlanError(HitsrError, RuntimeError):
    """A run cannot be planned: Snakemake refuses it, or is not where its Snakefile is."""
