"""A plan as tables: in a terminal, in Markdown, and as CSV whose step times another plan can take."""

import os
from pathlib import Path

import pandas as pd
from rich.console import Console, Group
from rich.table import Table

from hitsr.atomic import write_json, write_text
from hitsr.errors import ConfigError
from hitsr.planning import decidable
from hitsr.planning.disk import FLOAT
from hitsr.planning.plan import Plan

Grid = tuple[str, list[str], list[list[str]]]
"""Title, headers and rows; the last row of a grid with a total is the total."""
FORMATS = (".json", ".md", ".csv")
LEAST = 110
"""Columns that a plan takes where nothing says how many there are."""


def grids(plan: Plan) -> list[Grid]:
    """The tables of a plan: trainings per method, jobs per rule, disk."""
    headers = ["Method", "Trainings", "Iterations", "s/step", f"{plan.unit}-hours", "Memory", "Weights"]
    rows = [
        [
            row.method,
            _of(row.to_do, row.trainings),
            f"{row.iterations:,}",
            f"{row.step_seconds:#.3g}",
            _hours(row.hours),
            "–" if row.memory_mib is None else size(row.memory_mib * 2**20),
            size(FLOAT * row.parameters * row.trainings),
        ]
        for row in plan.rows
    ]
    known = [row.memory_mib for row in plan.rows if row.memory_mib is not None]
    total = [
        "total",
        _of(sum(row.to_do for row in plan.rows), sum(row.trainings for row in plan.rows)),
        f"{sum(row.iterations for row in plan.rows):,}",
        "",
        _hours(plan.hours),
        f"≤ {size(max(known) * 2**20)}" if known else "–",
        size(sum(FLOAT * row.parameters * row.trainings for row in plan.rows)),
    ]
    jobs = [[rule, str(count)] for rule, count in sorted(plan.jobs.items(), key=lambda item: -item[1])]
    disk = [[item.what, "unknown" if item.bytes is None else size(item.bytes), item.basis] for item in plan.disk]
    return [
        (f"Trainings of {plan.config}", headers, [*rows, total]),
        ("Jobs that Snakemake would run", ["Rule", "Jobs"], [*jobs, ["total", str(sum(plan.jobs.values()))]]),
        ("Disk", ["What", "Size", "From"], [*disk, ["total", size(plan.total_bytes), _unknown(plan)]]),
        (
            "Claims that the run can decide, as far as its configuration says",
            ["Claim", "Decides", "From"],
            [*decidable.rows(plan.claims), ["total", decidable.share(plan.claims), ""]],
        ),
    ]


def sentences(plan: Plan) -> list[str]:
    """What the tables do not say: time on all devices, how times were found, and the command."""
    wall, unit = plan.wall_hours, plan.unit if plan.unit == "GPU" else "core"
    time = (
        f"Trainings on {plan.devices} {unit}{'s' if plan.devices > 1 else ''}: {_hours(wall)} hours "
        f"({wall / 24:,.1f} days) from the first to the last, {_hours(plan.hours)} {plan.unit}-hours."
    )
    return [*([time] if plan.rows else []), *plan.notes, *decidable.findable(plan.claims), f"Run it: {plan.command}"]


def terminal(plan: Plan) -> Group:
    """The plan for `rich`."""
    parts = []
    for title, headers, rows in grids(plan):
        table = Table(title=title, title_justify="left", min_width=len(title))
        for number, header in enumerate(headers):
            table.add_column(header, justify="left" if number == 0 or header == "From" else "right", overflow="fold")
        for number, row in enumerate(rows):
            if number == len(rows) - 1:
                table.add_section()
            table.add_row(*row)
        parts.append(table)
    return Group(*parts, *sentences(plan))


def write(plan: Plan, path: Path) -> None:
    """Write a plan as JSON, Markdown or CSV, by the ending of the file's name.

    Raises:
        ConfigError: another ending.
    """
    check_ending(path)
    if path.suffix == ".json":
        write_json(path, plan.as_json())
    elif path.suffix == ".csv":
        write_text(path, pd.DataFrame([vars(row) for row in plan.rows]).to_csv(index=False))
    else:
        write_text(path, markdown(plan))


def check_ending(path: Path) -> None:
    """Refuse the name of a file that `write` cannot write, before hours are spent on what it would hold."""
    if path.suffix not in FORMATS:
        raise ConfigError(f"--output {path}: expected a name that ends in {', '.join(FORMATS)}")


def markdown(plan: Plan) -> str:
    """The plan as Markdown."""
    lines = [f"# Plan of {plan.config}", ""]
    for title, headers, rows in grids(plan):
        ruler = ["--:" if number and header != "From" else ":--" for number, header in enumerate(headers)]
        lines += [f"## {title}", "", *(f"| {' | '.join(cells)} |" for cells in (headers, ruler, *rows)), ""]
    return "\n".join([*lines, *(f"- {sentence}" for sentence in sentences(plan)), ""])


def size(count: float) -> str:
    """Bytes for readers, such as `3.3 GiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1024
    return f"{count:,.3g} TiB"


def _hours(hours: float) -> str:
    return f"{hours:,.1f}" if hours >= 10 else f"{hours:.2g}"


def _of(to_do: int, every: int) -> str:
    return str(every) if to_do == every else f"{to_do} of {every}"


def _unknown(plan: Plan) -> str:
    lacking = [item.what for item in plan.disk if item.bytes is None]
    return f"without {', '.join(lacking)}" if lacking else ""


def show(plan: Plan) -> None:
    """Print a plan."""
    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(width=LEAST)
    console.print(terminal(plan), highlight=False)
