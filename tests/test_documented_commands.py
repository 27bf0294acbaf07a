"""Every command that README and docs show is one that works: cheap ones run, runs are planned, the rest is parsed."""

import argparse
import io
import json
import re
import runpy
import shlex
import subprocess
import sys
from contextlib import redirect_stderr
from pathlib import Path

import click
import pytest
import typer
from conftest import ROOT
from projects import Checkout
from typer.testing import CliRunner

from hitsr.cli import app

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *(ROOT / name for name in (
    "config/README.md", "profiles/README.md", "reports/README.md", "results/README.md"
))])  # fmt: skip
SHELLS = ("sh", "bash", "shell", "console", "")
"""What a fenced block of commands is marked as."""
RUN = {"hitsr list", "hitsr datasets", "hitsr weights list", "hitsr methods", "hitsr networks", "hitsr recipes",
       "hitsr photographs"}  # fmt: skip
"""Verbs that only look: they are run."""
EXCEPTIONS = {
    "pip install -e .[slurm]": "installs into this environment, which nothing here may change",
    "pip install 'hitsr[": "installs into this environment, which nothing here may change",
    "rsync": "copies from another machine",
    "chromium": "draws a page that is there after a run; tests/report/test_browser.py opens one",
}
"""Beginnings of commands that are not tried, and why."""
PLACEHOLDERS = re.compile(r"\b[A-Z]{3,}\b")
"""Words of commands within a sentence that stand for something else, such as NETWORK."""


def blocks(page: Path) -> list[tuple[int, str]]:
    """Lines of the page's fenced and indented blocks of commands, with their numbers."""
    found, fence, block, previous = [], None, [], ""
    for number, line in enumerate([*page.read_text(encoding="utf-8").splitlines(), "the end"], 1):
        inside = line.startswith("    ") and (block or previous == "") if fence is None else fence in SHELLS
        if line.startswith("```") or (line and not inside):
            found += commands_of(block) if block else []
            block = []
            if line.startswith("```"):
                fence = line[3:].split(" ")[0] if fence is None else None
        elif line.strip():
            block.append((number, line.strip()))
        previous = line
    return found


def commands_of(block: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Of an indented block: of a session what follows its prompts; of keys and values, or of a list of files, none."""
    prompted = [(number, line[2:]) for number, line in block if line.startswith("$ ")]
    first = block[0][1].split()[0]
    return prompted or ([] if first.endswith(":") or "/" in first else block)


def command(line: str) -> list[str]:
    """The words of a command, without the remark behind it."""
    return shlex.split(line, comments=True)


COMMANDS = {f"{page.relative_to(ROOT)}:{number}": line for page in PAGES for number, line in blocks(page)}
INLINE = sorted({
    text
    for page in PAGES
    for text in re.findall(r"`((?:hitsr|snakemake|make|python) [^`\n]+)`", page.read_text(encoding="utf-8"))
})  # fmt: skip
"""Commands within sentences."""


def test_there_are_commands():
    words = {command(line)[0] for line in COMMANDS.values()}
    assert words == {"make", "hitsr", "snakemake", "python", "pip", "rsync", "chromium"}
    assert len(COMMANDS) > 35 and len(INLINE) > 15


@pytest.mark.parametrize("where", [w for w, line in COMMANDS.items() if command(line)[0] != "snakemake"])
def test_commands_of_blocks(where, monkeypatch):
    line = COMMANDS[where]
    if not line.startswith(tuple(EXCEPTIONS)):
        tried(command(line), monkeypatch)


def tried(words: list[str], monkeypatch) -> None:
    """Run or parse a command; an unknown one fails."""
    program, *arguments = words
    files = [word for word in arguments if word.startswith(("config/", "benchmarks/", "profiles/"))]
    assert not [file for file in files if not (ROOT / file).exists()]
    monkeypatch.chdir(ROOT)
    if program == "make":
        subprocess.run(["make", "-n", *arguments], check=True, capture_output=True)
    elif program == "hitsr" and " ".join(words) in RUN:
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0 and len(result.output) > 100, result.output
    elif program == "hitsr":
        parse_verb(arguments)
    elif program == "python" and arguments[0].endswith(".py"):
        parse_script(arguments, monkeypatch)
    else:
        raise AssertionError(f"nobody knows how to try {words}: run it, parse it, or say in EXCEPTIONS why not")


def parse_verb(arguments: list[str]) -> None:
    """Let the verb's own parser take the arguments, without carrying it out."""
    context = typer.main.get_command(app).make_context("hitsr", list(arguments))
    while isinstance(context.command, click.Group):
        name, verb, rest = context.command.resolve_command(context, [*context.protected_args, *context.args])
        context = verb.make_context(name, rest, parent=context)


class ParsedError(Exception):
    """A script has parsed its arguments."""


def parse_script(arguments: list[str], monkeypatch) -> None:
    """Let a script parse its arguments, and stop it there."""
    parse = argparse.ArgumentParser.parse_args

    def stop(self, *given):
        parse(self, *given)
        raise ParsedError

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", stop)
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(ParsedError):
        runpy.run_path(arguments[0], run_name="__main__")


PLAN = """
import contextlib, io, json, sys
from snakemake.cli import main
for arguments in json.loads(sys.argv[1]):
    sys.argv, said = ["snakemake", "-n", *arguments], io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            main()
    except SystemExit as end:
        print(json.dumps([arguments, end.code, "Job stats:" in said.getvalue(), said.getvalue()[-300:]]))
"""
"""Plans several runs in one process, which saves the time to begin."""


def test_runs_are_planned(tmp_path):
    """Each once, however many cores and GPUs a page gives it."""
    checkout = Checkout(tmp_path)
    lines = [command(line)[1:] for line in COMMANDS.values() if command(line)[0] == "snakemake"]
    lines.append(["--cores", "8", "--config", "scales=[2,3]", "train={iterations: 20}", "validation_set=null"])
    page = " ".join((ROOT / "docs" / "configuration.md").read_text().split())
    assert "`scales=[2,3] 'train={iterations: 20}' validation_set=null`" in page
    wanted = {}
    for words in lines:
        what = [word for word in words if word.startswith(("config/", "profiles/", "reports/")) or "=" in word]
        kept = tuple(word for word in what if not word.startswith(("gpu=", "profiles/")))
        # the plan of a cluster is one of the same jobs
        if kept not in wanted or "profiles/slurm" in what:
            wanted[kept] = words
    done = subprocess.run(
        [sys.executable, "-c", PLAN, json.dumps(list(wanted.values()))], cwd=checkout.folder, env=checkout.environment,
        capture_output=True, text=True,
    )  # fmt: skip
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(results) == len(wanted) >= 6, done.stderr
    assert [result for result in results if result[1:3] != [0, True]] == []


@pytest.mark.parametrize("text", INLINE)
def test_commands_within_sentences(text):
    """There is such a verb, target, option or module."""
    words = text.split()
    if words[0] == "hitsr":
        verbs = typer.main.get_command(app)
        assert words[1] in verbs.list_commands(None) or words[1] in ("VERB", "--help"), text
        if not PLACEHOLDERS.search(text):
            parse_verb(words[1:])
    elif words[0] == "make":
        assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE), text
    elif words[0] == "python":
        file = words[1] if words[1] != "-m" else f"{words[2].replace('.', '/')}.py"
        assert (ROOT / file).is_file(), text
    else:
        from snakemake.cli import get_argument_parser

        with redirect_stderr(io.StringIO()) as said:
            try:
                get_argument_parser().parse_args(words[1:])
            except SystemExit:
                raise AssertionError(said.getvalue()) from None
