"""The short attacks, one test each; `make attacks` carries out all of them."""

import importlib.util
import re
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
from arena import Arena, Attack, SkippedError
from kinds import all_attacks

SHORT = [attack for attack in all_attacks() if not attack.long]


@pytest.fixture(scope="module")
def arena():
    with Arena() as arena:
        yield arena


@pytest.mark.parametrize("attack", SHORT, ids=[f"{attack.kind}: {attack.name}" for attack in SHORT])
def test_survived(arena: Arena, attack: Attack):
    try:
        attack.carry_out(arena)
    except SkippedError as error:
        pytest.skip(str(error))


def test_ctrl_c_leaves_the_figures_so_far(monkeypatch, capsys):
    spec = importlib.util.spec_from_file_location("attacks", Path(__file__).with_name("__main__.py"))
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    outcomes = {
        "a": None,
        "b": AssertionError("8 is not 9"),
        "c": KeyboardInterrupt(),
        "d": RuntimeError("never begun"),
    }
    attacks = [Attack("kind", name, Mock(side_effect=outcome)) for name, outcome in outcomes.items()]
    monkeypatch.setattr(program, "all_attacks", lambda: attacks)
    monkeypatch.setattr(sys, "argv", ["attacks"])
    assert program.main() == 130
    said = capsys.readouterr().out
    assert "interrupted in kind: c; 2 of 4 were carried out" in said and "never begun" not in said
    assert re.search(r"^all +2 +1 +0$", said, re.MULTILINE)
    assert said.rstrip().endswith("kind: b: NOT SURVIVED: AssertionError: 8 is not 9")
