"""The claims card as Markdown."""

from pathlib import Path

from hitsr.analysis.claims import Finding, judge, summary
from hitsr.analysis.measurements import read
from hitsr.atomic import write_text
from hitsr.report.formats.markdown import escape, with_code

HEADERS = ("Claim", "In the paper", "Verdict", "Measured", "Interval", "Conditions", "Missing for a verdict")
NOTE = "A verdict is of this run, under the conditions given. Each claim and its test: hitsr/catalogs/claims.yaml."


def render(measurements: Path, config: dict, folder: Path) -> None:
    """Write `folder/claims.md`."""
    write_text(folder / "claims.md", as_markdown(judge(read(measurements), config), config["run"]))


def as_markdown(findings: list[Finding], run: str) -> str:
    """The card: the summary line, then one table with a row per claim."""
    lines = [f"**{summary(findings)}** (run {escape(run)})", "", _line(HEADERS), "|" + ":--|" * len(HEADERS)]
    for one in findings:
        results = _cell([result.text for result in one.results]) or "not measured"
        intervals = _cell(list(dict.fromkeys(result.interval for result in one.results if result.interval)))
        cells = [escape(one.claim), escape(one.section), f"**{one.verdict}**", results, intervals]
        lines.append(_line([*cells, _cell(list(one.conditions)), _cell(list(one.missing))]))
    return "\n".join([*lines, "", NOTE, ""])


def _cell(parts: list[str]) -> str:
    """Parts in lines of their own."""
    return ";<br>".join(map(with_code, parts))


def _line(cells) -> str:
    return f"| {' | '.join(cell or '–' for cell in cells)} |"
