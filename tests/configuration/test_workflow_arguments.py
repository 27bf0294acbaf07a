"""What Snakemake is started with: several files and `--config`, as its users expect them."""

import subprocess
import sys

import pytest
from conftest import ROOT

from hitsr.configuration import first_look, read_yaml, renamed, resolve, stated
from hitsr.configuration.workflow import combined
from hitsr.errors import ConfigError

DEMO = ROOT / "config" / "config.yaml"
SNAKEMAKE = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "-n", "--cores", "2"]


@pytest.mark.parametrize(
    ("argument", "section", "expected"),
    [
        ("scales=[2,3]", None, {"scales": [2, 3]}),
        ("train={iterations: 20}", "train", {"iterations": 20, "batch_size": 4, "learning_rate": 0.002}),
        ("train={learning_rate: 2e-4}", "train", {"learning_rate": 0.0002}),
        (
            "latency={resolutions: {repeats: 2}}",
            "latency",
            {"repeats": 5, "implementations": ["reference", "optimized"]},
        ),
        ("validation_set=null", None, {"validation_set": None}),
        ("validation_set=", None, {"validation_set": None}),
        ("run=007", None, {"run": "007"}),
        ("run=1e3", None, {"run": "1e3"}),
        ("run=NA", None, {"run": "NA"}),
        ("seeds=[0, 1, 2]", None, {"seeds": [0, 1, 2]}),
        ("test_sets=[photographs]", None, {"test_sets": ["photographs"]}),
        ("ablations={}", None, {"ablations": {}, "variants": {}}),
    ],
)
def test_one_key_of_the_demo(argument, section, expected):
    config = resolve(combined([DEMO], [argument]))
    found = config[section] if section else config
    assert {name: found[name] for name in expected} == expected
    others = resolve(read_yaml(DEMO)).keys() - {section, *expected, "methods", "variants", "report"}
    assert {name: config[name] for name in others} == {name: resolve(read_yaml(DEMO))[name] for name in others}


def test_old_names_work_and_say_the_new_ones(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(renamed, "_said", set())
    (tmp_path / "old.yaml").write_text(
        "operators: {map: 32}\nlatency: {growth: {repeats: 3}}\n"
        "report: {tables: [main, operators], figures: [growth]}\n"
    )
    config = resolve(combined([DEMO, tmp_path / "old.yaml"], ["latency={formulations: [plain]}", "ablations={}"]))
    assert config["attention_cost"]["map"] == 32 and config["attention_cost"]["windows"] == [4, 8, 16, 32]
    assert config["latency"]["resolutions"]["repeats"] == 3 and config["latency"]["implementations"] == ["reference"]
    assert config["report"] | {"tables": ["main", "attention_cost"], "figures": ["resolutions"]} == config["report"]
    said = capsys.readouterr().err.splitlines()
    assert (
        "note: config.latency.growth is called latency.resolutions now; the old name goes with the next release" in said
    )
    assert len(said) == len(set(said)) == 6


def test_old_and_new_name_of_one_key(tmp_path):
    (tmp_path / "both.yaml").write_text("latency:\n  growth: {repeats: 3}\n  resolutions: {repeats: 4}\n")
    with pytest.raises(
        ConfigError, match="latency.growth: is called config.latency.resolutions now, and both are given"
    ):
        resolve(read_yaml(tmp_path / "both.yaml"))
    (tmp_path / "old.yaml").write_text("run: a\nlatency:\n  growth: {repeats: no}\n")
    with pytest.raises(ConfigError, match="old.yaml:3: config.latency.resolutions.repeats: expected an int"):
        resolve(read_yaml(tmp_path / "old.yaml"))


def test_what_is_listed_by_name_is_replaced():
    rest = ["ablations={}", "latency={resolutions: {methods: null}}", "attribution={methods: null}"]
    assert list(resolve(combined([DEMO], ["methods={HiT-SIR: {}}", *rest]))["methods"]) == ["HiT-SIR"]


def test_a_later_file_changes_an_earlier_one(tmp_path):
    (tmp_path / "more.yaml").write_text("run: more\ntrain: {iterations: 3}\n")
    config = resolve(combined([DEMO, tmp_path / "more.yaml"], ["run=most"]))
    assert config["run"] == "most" and (config["train"]["iterations"], config["train"]["warm_up"]) == (3, 100)


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("scales=[2", "--config scales: not valid YAML (line 2, column 1)"),
        ("scales=[5]", "config.scales.0: expected one of 2, 3, 4, found 5"),
        ("train={iterations: 2, iterations: 3}", "--config train: the key 'iterations' is given twice"),
        ("train=3", "config.train: expected keys and values, found 3"),
        ("scale=[2]", "config.scale: unknown key; did you mean 'scales'?"),
        ("run=..", "config.run: expected a name of letters, digits"),
    ],
)
def test_mistakes(argument, said):
    with pytest.raises(ConfigError) as caught:
        resolve(combined([DEMO], [argument]))
    assert said in str(caught.value)


def test_what_was_stated_can_be_stored_and_read_again():
    raw = combined([DEMO], ["run=007", "data_root=~/sets"])
    assert stated(raw)["run"] == "007" and "~" not in stated(raw)["data_root"]
    assert resolve(stated(raw)) == resolve(raw) and set(stated(raw)) == {*read_yaml(DEMO), "data_root"}


def test_snakemake_itself():
    arguments = ["scales=[2,3]", "train={iterations: 20}", "validation_set=null", "run=007", "ablations={}"]
    command = [sys.executable, "-m", "snakemake", "-n", "--nolock", "--cores", "1", "--config", *arguments, "--", "all"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    planned = done.stdout + done.stderr
    assert "results/007/train/HiT-SIR-small/x3/" in planned and "results/7/" not in planned
    assert "demo-validation" not in planned


def test_snakemake_names_a_file_that_it_cannot_read(tmp_path):
    (tmp_path / "mine.yaml").write_bytes("run: grün\n".encode("utf-16"))
    command = [*SNAKEMAKE, "--configfile", "mine.yaml", "--", "all"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    _, *rest = done.stderr.splitlines()  # after Snakemake's word on the profile
    assert (done.returncode, done.stdout, len(rest)) == (1, "", 1), done.stderr
    assert rest[0].startswith("error: mine.yaml: encoded as UTF-16; save it as UTF-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--configfile", str(DEMO), "missing.yaml", "--", "all"], "missing.yaml: cannot be read (No such file"),
        (["--configfile", "latin.yaml"], "latin.yaml: line 1 is not UTF-8 (byte 0xfc, perhaps Latin-1); save it"),
        (["--cores", "2", "--configfiles=."], ".: cannot be read (Is a directory)"),
        (["--config", "run", "-n"], "--config run: expected KEY=VALUE"),
        (["-C", "run=a", "all"], "--config all: expected KEY=VALUE, such as `run=mine`; targets follow `--`"),
        (["--config", "ru n=3"], "--config ru n=3: expected KEY=VALUE"),
    ],
)
def test_a_first_look(arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"run: gr\xfcn\n")
    monkeypatch.setattr(sys, "argv", ["snakemake", *arguments])
    with pytest.raises(SystemExit) as ended:
        first_look.look()
    assert str(ended.value).startswith(f"error: {said}") and "\n" not in str(ended.value)


def test_a_first_look_at_what_is_right(monkeypatch):
    for arguments in (["all"], ["--configfile"], ["--configfile", str(DEMO), "-C", "run=a", "train={}", "--", "all"]):
        monkeypatch.setattr(sys, "argv", ["snakemake", "--cores", "2", *arguments])
        first_look.look()
