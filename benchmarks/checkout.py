"""What all scripts begin and end with. Imported first, it makes `hitsr` importable, installed or not."""

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def run(main: Callable[[], None]) -> None:
    """Run a script; an error that the user can cure is one line and exit status 1, and Ctrl-C is no error."""
    from hitsr.errors import HitsrError

    try:
        main()
    except HitsrError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted: the output file has the parts that were measured, and the same command goes on")
