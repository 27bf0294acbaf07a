"""What Snakemake is given on its command line, looked at before Snakemake itself reads it.

Snakemake reads `--configfile` and `--config` before the Snakefile: where it cannot, it ends in a traceback that names
no file, and it runs the Python of a file that says `__use_yte__`. Before both it reads the default profile, so
`profiles/default/config.yaml` calls `look`.
"""

import argparse
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from hitsr.errors import ConfigError, HitsrError
from hitsr.schema.files import read_yaml

KEY = re.compile(r"[a-zA-Z_][\w-]*\w")
"""What Snakemake takes for a key of `--config`."""


def look() -> None:
    """End with one line, and status 1, if a file of `--configfile` or a word of `--config` cannot be read."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--configfile", "--configfiles", nargs="+", default=[])
    parser.add_argument("--config", "-C", nargs="*", default=[])
    try:
        given, _ = parser.parse_known_args(sys.argv[1:])
    except argparse.ArgumentError:  # no file after --configfile, which Snakemake says
        return
    look_at(given.configfile, given.config)


def look_at(files: Iterable[str | Path], arguments: Iterable[str] = ()) -> None:
    """End with one line, and status 1, if a configuration file or a `KEY=VALUE` cannot be read."""
    try:
        for file in files:
            check_readable(file)
        for argument in arguments:
            key, equals, _ = argument.partition("=")
            if not equals or not KEY.fullmatch(key):
                raise ConfigError(f"--config {argument}: expected KEY=VALUE, such as `run=mine`; targets follow `--`")
    except HitsrError as error:
        sys.exit(f"error: {error}")


def check_readable(file: str | Path) -> None:
    """Check that both we and Snakemake can read a configuration file, and that it holds values alone.

    Raises:
        ConfigError: missing, no text, not YAML, or Python.
    """
    from snakemake.common.configfile import load_configfile

    if "__use_yte__" in read_yaml(file):
        raise ConfigError(
            f"{file}: `__use_yte__` runs what the file says as Python; a configuration holds values alone"
        )
    try:
        load_configfile(file)
    except Exception as error:  # its reader passes on whatever goes wrong in the parsers that it uses
        why = " ".join(str(error).split())
        raise ConfigError(
            f"{file}: Snakemake cannot read it ({why}); put texts that look like numbers or dates in quotes"
        ) from error
