"""`hitsr list`: every table and figure with the command that makes it."""

import yaml
from conftest import ROOT
from typer.testing import CliRunner

from hitsr.cli import app
from hitsr.report import contents


def listed(*arguments: str) -> list[str]:
    result = CliRunner().invoke(app, ["list", *arguments])
    assert result.exit_code == 0, result.output
    return [line.strip() for line in result.output.splitlines()]


def test_list_gives_a_command_for_everything(monkeypatch):
    monkeypatch.chdir(ROOT)
    lines = listed()
    for kind, names, suffix in (
        ("tables", contents.names(contents.Table), "tex"),
        ("figures", contents.names(contents.Figure), "pdf"),
    ):
        for name in names:
            assert f"snakemake --cores 1 reports/demo/{kind}/{name}.{suffix}" in lines
    assert "snakemake --cores 1 reports/demo/claims.md" in lines
    assert "table main  Quality and size (paper: Table 2)" in lines
    assert any(
        line.startswith("psnr  Peak signal-to-noise") and line.endswith("(computed by this run)") for line in lines
    )
    assert any(line.startswith("lpips  ") and line.endswith("needs hitsr[perceptual]") for line in lines)
    assert any(line.startswith("urban100  The HiT networks") for line in lines)


def test_list_of_another_configuration(tmp_path):
    path = tmp_path / "my run.yaml"
    path.write_text(yaml.safe_dump({"run": "mine", "report": {"tables": ["complexity"], "figures": []}}))
    lines = listed("--config", str(path))
    assert f"snakemake --cores 1 --configfile '{path}' -- reports/mine/tables/complexity.tex" in lines
    assert lines.index("table complexity  Complexity (paper: Table 2, #Params, FLOPs)") == 4
    assert any(line.startswith("table main") and line.endswith("made on demand") for line in lines)
