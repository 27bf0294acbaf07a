"""Verbs about several runs: compare two, merge many."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hitsr.cli.app import app
from hitsr.errors import printable

if TYPE_CHECKING:
    from hitsr.analysis.runs.comparing import Compared

FAILED = 3
"""Exit status when a condition of `--fail-if` holds; 1 is an error, 2 a wrong command line."""
SHOWN = 12
"""Lines of what is not compared that the terminal shows."""


@app.command()
def compare(
    first: Annotated[str, typer.Argument(help="A run of results/, or a folder with results: what to compare with.")],
    second: Annotated[str, typer.Argument(help="Another one: what is compared with it.")],
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            help="End with status 3 if this holds for any method: 'psnr < -0.02' (difference), 'psnr.high < 0' (upper "
            "end of its interval), 'latency > 1.1x' (ratio). May be given several times.",
        ),
    ] = None,
    pair: Annotated[
        list[str] | None,
        typer.Option(help="Compare these two methods, FIRST=SECOND, whatever they are. May be given several times."),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", "-o", help="Folder to write into; reports/compare/FIRST--SECOND if left out."),
    ] = None,
) -> None:
    """Compare two runs: paired differences per image, costs with their ratio, and in what else the runs differ.

    Methods are matched by what they are (network, options, training, data), then by name where the network is one; test
    sets by their images. What cannot be compared is named.

    Exit status: 0 done; 1 nothing comparable, or another error; 2 wrong command line; 3 a condition of --fail-if holds.

    **Examples:** `hitsr compare demo second`, and of one run in two checkouts:
    `hitsr compare ../before/results/demo results/demo --fail-if "psnr < -0.02" --fail-if "latency > 1.1x"`
    """
    from hitsr.analysis.runs import gate
    from hitsr.analysis.runs.comparing import compare as compared
    from hitsr.analysis.runs.opening import open_run
    from hitsr.report.runs import render
    from hitsr.results.layout import Layout

    conditions = [gate.parse(text) for text in fail_if or ()]
    found = compared(open_run(first), open_run(second), pair or ())
    failed = gate.failures(conditions, found.scores, found.costs)
    names = "--".join(re.sub(r"[^\w.+=-]+", "-", label).strip("-") for label in found.labels)
    page = render(found, folder or Layout("").comparisons / names)
    console = Console(highlight=False, soft_wrap=True)
    _show(found, console)
    _say(console, "not compared", found.refused)
    counts = {kind: sum(1 for each in found.differences if each.kind == kind) for kind, *_ in found.differences}
    if counts:
        console.print("what else differs: " + ", ".join(f"{kind} ({count})" for kind, count in counts.items()))
    console.print(f"written: {escape(printable(str(page)))}")
    _say(Console(stderr=True, highlight=False, soft_wrap=True), "[bold red]failed[/]", failed)
    if failed:
        raise typer.Exit(FAILED)


@app.command()
def merge(
    runs: Annotated[
        list[str],
        typer.Argument(help="Runs of results/, or folders with results, each as FOLDER or LABEL=FOLDER; two or more."),
    ],
    into: Annotated[str, typer.Option("--into", help="Name of the merged run: results/NAME, reports/NAME.")],
    rename: Annotated[
        list[str] | None,
        typer.Option(help="LABEL:OLD=NEW: another name for a method of one source. May be given several times."),
    ] = None,
) -> None:
    """Put results of several machines or people into one report: methods, seeds and devices.

    Two different methods, test sets or counts of one name are refused, and named. A training (method, scale, seed) that
    two sources made stands apart, as METHOD+at=LABEL; latency is grouped by device. Measurement files are kept as they
    were, with their provenance.

    **Example:** `hitsr merge laptop=results/demo server=/mnt/server/results/demo --into both`
    """
    from hitsr.analysis.runs import merging, sources
    from hitsr.configuration import resolve
    from hitsr.configuration.joining import joined
    from hitsr.report import rendering
    from hitsr.results.revision import command

    found = sources.opened(runs, rename or ())
    configs = {each.label: resolve(each.run.config) for each in found}
    config = joined(into, configs, {each.label: each.renamed for each in found})
    config["merged_by"] = command()
    merged = merging.merge(found, into, config)
    page = rendering.whole(merged.layout, merged.config, pictures=not merged.without_images)
    console = Console(highlight=False, soft_wrap=True)
    _say(console, "apart", [f"{name}: {merged.config['methods'][name]['note']}" for name in merged.names_apart])
    _say(console, "taken once", merged.agreed)
    _say(console, "left out", merged.left_out)
    console.print(f"written: {escape(printable(str(page)))}")


def _say(console: Console, what: str, lines: list[str]) -> None:
    for line in lines[:SHOWN]:
        console.print(f"{what}: {escape(printable(line))}")
    if len(lines) > SHOWN:
        console.print(f"{what}: {len(lines) - SHOWN} more")


def _show(found: "Compared", console: Console) -> None:
    """The tables in short: a line per number, costs that are equal left out."""
    from hitsr.report.runs.page import outcome
    from hitsr.report.runs.tables import grids

    made = grids(found)
    # a terminal wraps what does not fit; a log has no width
    wide = Console(highlight=False, width=None if console.is_terminal else 200)
    if "quality" in made:
        table = Table("Quality", "Scale", "Test set", "Metric", *map(escape, found.labels), "difference", "", box=None)
        for row, score in zip(made["quality"].rows, found.scores, strict=True):
            texts = [cell.text for cell in row]
            interval = "" if score.identical else f" {texts[7]}"
            changed = f"; {texts[-1]}" if score.pair.changed else ""
            table.add_row(*map(escape, [*texts[:6], texts[6] + interval, outcome(score) + changed]))
        wide.print(table)
    differing = [row for row in made["cost"].rows if row[6].value != 1] if "cost" in made else []
    if differing:
        table = Table("Cost", "Scale", "", "Condition", *map(escape, found.labels), "ratio", "", box=None)
        for row in differing:
            texts = [cell.text for cell in row]
            interval = f" {texts[7]}".rstrip(" –")
            table.add_row(*map(escape, [*texts[:6], texts[6] + interval, texts[-1].strip("–")]))
        wide.print(table)
    elif "cost" in made:
        console.print(f"Cost: all {len(made['cost'].rows)} numbers are equal")
