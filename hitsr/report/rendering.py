"""A whole report at once, as the workflow makes it step by step."""

from pathlib import Path
from typing import Any

from hitsr.report import contents
from hitsr.results.layout import Layout
from hitsr.results.records import write_record


def whole(layout: Layout, config: dict[str, Any], pictures: bool = True) -> Path:
    """Make all tables and figures, the claims card and the page of a run; returns the page.

    Args:
        pictures: whether to show crops: they take the super-resolved images.
    """
    from hitsr.analysis import crops
    from hitsr.analysis.measurements import read
    from hitsr.report import claims, figures, page, tables

    report, known = dict(config["report"]), contents.figures(config)
    if not pictures:
        report["figures"] = [name for name in report["figures"] if not known[name].crops]
    shown = {**config, "report": report}
    if pictures and config["test_sets"]:
        crops.write(read(layout.measurements), shown, layout.crops)
    else:
        write_record(layout.crops, {"kind": "crops", "rule": crops.RULE, "scale": crops.scale_of(shown), "crops": []})
    for name in report["tables"]:
        tables.render(name, layout.measurements, shown, layout.table(name).parent)
    for name in report["figures"]:
        figures.render(name, layout.measurements, shown, layout.figure(name).parent)
    claims.render(layout.measurements, shown, layout.reports)
    page.render(layout.measurements, shown, layout.reports)
    return layout.page
