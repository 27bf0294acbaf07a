"""What reaches a shell: the names of the step's settings and log, quoted; never a value of the configuration."""

import re

from conftest import ROOT

FIELD = re.compile(r"\{([^{}]*)\}")
ALLOWED = {"params.settings:q", "log:q", "params.hitsr"}
"""`params.hitsr` is made of the interpreter's path, quoted, and of a number."""


def test_every_value_in_a_command_is_quoted():
    commands = [
        block
        for path in sorted((ROOT / "workflow" / "rules").glob("*.smk"))
        for block in re.findall(r"^    shell:\n((?:        .*\n?)+)", path.read_text(), re.MULTILINE)
    ]
    assert len(commands) >= 18
    for command in commands:
        assert set(FIELD.findall(command)) <= ALLOWED, command


def test_rules_run_no_python_of_their_own():
    for path in (ROOT / "workflow" / "rules").glob("*.smk"):
        assert not re.search(r"^    (run|script|notebook):", path.read_text(), re.MULTILINE), path.name
