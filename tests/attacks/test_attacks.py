"""The short attacks, one test each; `make attacks` carries out all of them."""

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
