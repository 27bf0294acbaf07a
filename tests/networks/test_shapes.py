"""The shapes that stand at line ends of the reference networks are true, and all of them are looked at."""

import pytest
import torch
from conftest import ROOT, TRANSFORMERS
from shapes import Checker, agrees, comments
from test_sizes_and_formulations import SMALL

import hitsr

FILES = [*(ROOT / "hitsr" / "networks").rglob("*.py"), *(ROOT / "baselines").glob("*_light/*.py")]


def test_shapes_at_line_ends():
    checker = Checker(FILES)
    for name in TRANSFORMERS:
        model = hitsr.build(name, 3, **SMALL[name], implementation="reference").eval()
        with torch.no_grad():
            checker.run(lambda model=model: model(torch.rand(2, 3, 13, 21)))
    assert not checker.wrong, "\n".join(checker.wrong[:20])
    said = {(str(file), line) for file in FILES for line in comments(str(file))}
    assert len(said) > 50
    missing = sorted(f"{file}:{line}" for file, line in said - checker.checked)
    assert not missing, f"never reached: {missing}"


@pytest.mark.parametrize(
    ("said", "size", "true"),
    [
        ("C", 7, True),
        ("s H", 8, True),
        ("s H", 9, False),
        ("C / 2", 3, True),
        ("(2w - 1)^2", 9, True),
        ("(2 w - 1)^2", 8, False),
        ("B'", 5, True),
    ],
)
def test_the_check_itself(said, size, true):
    assert agrees(said, size, {"s": 2, "H": 4, "w": 2, **({"C": 6} if "/" in said else {})}) is true
