"""The manual is made of the models, and the committed file is current."""

import re

from conftest import ROOT

from hitsr.configuration import manual
from hitsr.configuration.models.run import Run
from hitsr.configuration.models.train import Train

FILE = ROOT / "docs" / "configuration.md"


def test_the_committed_file_is_current():
    made = "python -m hitsr.configuration.manual > docs/configuration.md"
    assert FILE.read_text(encoding="utf-8") == manual.text(), f"docs/configuration.md is out of date; run `{made}`"


def test_every_key_has_a_description_that_is_a_sentence():
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \| (.*) \|$", manual.text(), re.MULTILINE)
    assert len(rows) > 120
    for key, kind, _, meaning in rows:
        assert kind and meaning.endswith("."), key


def test_types_ranges_and_defaults():
    text = manual.text()
    assert "| `iterations` | integer ≥ 1 | `500000` | Optimiser steps. |" in text
    assert "| `betas` | list of 2 numbers ≥ 0, < 1 | `[0.9, 0.99]` |" in text
    assert "| `ema` | number > 0, < 1 or null | `null` |" in text
    assert "| `weights` | file by scale, `published` or `available` | `{}` |" in text
    assert "| `variants` | [ablations.variants](#ablationsvariants) by name | – |" in text
    for model in (Run, Train):
        assert all(f"| `{key}` |" in text for key in model.model_fields)


def test_links_lead_to_headings():
    text = manual.text()
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert len(anchors) == len(headings)
    assert set(re.findall(r"\]\(#([^)]*)\)", text)) <= anchors
