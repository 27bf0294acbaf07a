"""Carry out all attacks: `python tests/attacks [--only WORD] [--short]`; exit status 1 if one was not survived.

Ctrl-C ends it with the figures so far, and status 130.
"""

import argparse
import contextlib
import io
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from arena import Arena, Attack, SkippedError  # noqa: E402
from kinds import all_attacks  # noqa: E402

INTERRUPTED = 130
"""Exit status of a program that Ctrl-C ended."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Attack the suite; nothing may give a wrong number.")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        help="Those whose kind or name contains this; may be repeated.",
        metavar="WORD",
    )
    parser.add_argument("--short", action="store_true", help="Only those that the tests carry out too.")
    arguments = parser.parse_args()
    chosen = [
        attack
        for attack in all_attacks()
        if not (arguments.short and attack.long)
        and (not arguments.only or any(word in f"{attack.kind}: {attack.name}" for word in arguments.only))
    ]
    tally = Tally(chosen)
    with Arena() as arena:
        try:
            for number, attack in enumerate(chosen, 1):
                start = time.monotonic()
                outcome = tally.carry_out(attack, arena)
                seconds = time.monotonic() - start
                print(f"[{number}/{len(chosen)}] {attack.kind}: {attack.name}: {outcome} ({seconds:.1f} s)", flush=True)
        except KeyboardInterrupt:
            print(f"\ninterrupted in {attack.kind}: {attack.name}; {number - 1} of {len(chosen)} were carried out:")
            tally.show()
            return INTERRUPTED
    tally.show()
    return 1 if tally.lost else 0


class Tally:
    """How many of these attacks were tried, survived and skipped, by kind."""

    def __init__(self, chosen: Sequence[Attack]):
        self.kinds = list(dict.fromkeys(attack.kind for attack in chosen))
        self.tried, self.survived, self.skipped = Counter(), Counter(), Counter()
        self.lost: list[str] = []

    def carry_out(self, attack: Attack, arena: Arena) -> str:
        """Carry one out and count it; how it went, in words."""
        try:
            with contextlib.redirect_stderr(io.StringIO()):
                attack.carry_out(arena)
        except SkippedError as error:
            self.skipped[attack.kind] += attack.attempts
            return f"skipped: {error}"
        except Exception as error:  # whatever an attack brings to light counts against the suite
            outcome = f"NOT SURVIVED: {type(error).__name__}: {error}"
            self.lost.append(f"{attack.kind}: {attack.name}: {outcome}")
        else:
            outcome = "survived"
            self.survived[attack.kind] += attack.attempts
        self.tried[attack.kind] += attack.attempts
        return outcome

    def show(self) -> None:
        """Print the figures, and what was not survived."""
        width = max(map(len, self.kinds), default=10)
        print(f"\n{'kind':{width}}  tried  survived  skipped")
        for kind in self.kinds:
            print(f"{kind:{width}}  {self.tried[kind]:5}  {self.survived[kind]:8}  {self.skipped[kind]:7}")
        total = self.tried.total(), self.survived.total(), self.skipped.total()
        print("{:{}}  {:5}  {:8}  {:7}".format("all", width, *total))
        print("", *self.lost, sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
