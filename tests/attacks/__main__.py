"""Carry out all attacks: `python tests/attacks [--only WORD] [--short]`; exit status 1 if one was not survived."""

import argparse
import contextlib
import io
import sys
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from arena import Arena, SkippedError  # noqa: E402
from kinds import all_attacks  # noqa: E402


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
    tried, survived, skipped = Counter(), Counter(), Counter()
    lost = []
    with Arena() as arena:
        for number, attack in enumerate(chosen, 1):
            start = time.monotonic()
            try:
                with contextlib.redirect_stderr(io.StringIO()):
                    attack.carry_out(arena)
                outcome = "survived"
                survived[attack.kind] += attack.attempts
            except SkippedError as error:
                outcome = f"skipped: {error}"
                skipped[attack.kind] += attack.attempts
            except Exception as error:  # whatever an attack brings to light counts against the suite
                outcome = f"NOT SURVIVED: {type(error).__name__}: {error}"
                lost.append(f"{attack.kind}: {attack.name}: {outcome}")
            if not outcome.startswith("skipped"):
                tried[attack.kind] += attack.attempts
            seconds = time.monotonic() - start
            print(f"[{number}/{len(chosen)}] {attack.kind}: {attack.name}: {outcome} ({seconds:.1f} s)", flush=True)
    width = max((len(attack.kind) for attack in chosen), default=10)
    print(f"\n{'kind':{width}}  tried  survived  skipped")
    for kind in dict.fromkeys(attack.kind for attack in chosen):
        print(f"{kind:{width}}  {tried[kind]:5}  {survived[kind]:8}  {skipped[kind]:7}")
    print(f"{'all':{width}}  {tried.total():5}  {survived.total():8}  {skipped.total():7}")
    print("", *lost, sep="\n")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
