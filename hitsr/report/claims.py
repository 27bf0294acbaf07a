"""The claims card as Markdown: first a line per claim that asks for no statistics, then how each was decided."""

from collections.abc import Iterable
from pathlib import Path

from hitsr.analysis.claims import Finding, judge, summary
from hitsr.analysis.measurements import read
from hitsr.atomic import write_text
from hitsr.report.formats.markdown import escape, with_code

HEADERS = ("Claim", "Verdict", "The number", "What it would take")
NOTE = (
    "A verdict is of this run, under its conditions. The number is that of the comparison which is nearest to failing. "
    "Each claim and its test: hitsr/catalogs/claims.yaml."
)
ON_THE_LINE = 3
"""Things missing that the line of a claim names; the others are told below."""


def render(measurements: Path, config: dict, folder: Path) -> None:
    """Write `folder/claims.md`."""
    write_text(folder / "claims.md", as_markdown(judge(read(measurements), config), config["run"]))


def as_markdown(findings: list[Finding], run: str) -> str:
    """The card: the summary line, a table with a row per claim (decided ones first), and how each was decided."""
    findings = sorted(findings, key=lambda one: (one.verdict == "undecided", not one.results))
    lines = [f"**{summary(findings)}** (run {escape(run)})", "", _line(HEADERS), "|" + ":--|" * len(HEADERS)]
    lines += [_row(one) for one in findings]
    lines += ["", NOTE, "", "## How each was decided", ""]
    for one in findings:
        if one.results:
            lines += [f"**{escape(one.claim)}** {one.verdict.capitalize()} ({escape(one.section)}).", ""]
            lines += [*(f"- {with_code(part)}" for part in _details(one)), ""]
    return "\n".join(lines)


def _row(one: Finding) -> str:
    number = "not measured" if one.number is None else with_code(f"{one.number.text} {one.number.interval}".strip())
    more = len(one.missing) - ON_THE_LINE
    shown = [*one.missing[:ON_THE_LINE], *([f"and {more} more"] if more > 0 else [])]
    need = [power.sentence for power in one.power if power.published is not None][:1]
    return _line([escape(one.claim), f"**{one.verdict}**", number, _cell([*shown, *need])])


def _details(one: Finding) -> Iterable[str]:
    yield f"Rule. {one.rule.sentence}."
    for result in one.results:
        yield f"{result.text} {result.interval}".strip()
    if one.conditions:
        yield f"Conditions: {'; '.join(one.conditions)}."
    if len(one.missing) > ON_THE_LINE:
        yield f"Missing: {'; '.join(one.missing)}."
    yield from (power.sentence for power in one.power)


def _cell(parts: list[str]) -> str:
    """Parts in lines of their own."""
    return ";<br>".join(map(with_code, parts))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell or '–' for cell in cells)} |"
