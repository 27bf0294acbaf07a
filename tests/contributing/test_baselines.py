"""A new baseline: the folder that is made works as it is, and each thing that can be wrong is found and named."""

import shlex

import pytest
from conftest import ROOT
from typer.testing import CliRunner

from hitsr.cli import app
from hitsr.configuration import resolve
from hitsr.configuration.workflow import combined
from hitsr.contributing import check, new, workflow
from hitsr.errors import ConfigError

NETWORK = '''
import torch
from torch import nn


class Halving(torch.autograd.Function):
    """The identity, with a wrong derivative."""

    @staticmethod
    def forward(context, x):
        return x.clone()

    @staticmethod
    def backward(context, gradient):
        return gradient / 2


class Net(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale
        self.body = nn.Sequential(nn.Conv2d(3, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale))
        self.__dict__["hidden"] = torch.rand(1)
        {init}

    def forward(self, image):
        result = self.body(image)
        {forward}
        return result
'''
BROKEN = {
    "builds": ("raise ValueError('no such width')", "", "ValueError: no such width"),
    "super-resolves": (
        "",
        "result = result[:, :, :-1]",
        "x2, input of 32x32: gives (1, 3, 63, 64) for an input of (1, 3, 32, 32)",
    ),
    "images alone": ("", "result = result + image.mean()", "depends on the other images of its batch"),
    "gradients": ("self.unused = nn.Linear(2, 2)", "", "no gradient reaches unused.weight, unused.bias"),
    "learns": ("", "result = result.sign()", "the loss does not fall"),
    "weights": ("", "result = result * self.hidden", "is there state outside parameters and buffers?"),
}
"""By the trial that finds it: what is wrong in the constructor, and in the forward pass, and what is said."""


def made(folder, init: str, forward: str) -> dict:
    """The entry of a plug-in with a network that is wrong somewhere."""
    folder.mkdir()
    (folder / "method.yaml").write_text("name: Net\nnetwork: network.py:Net\n")
    (folder / "network.py").write_text(NETWORK.format(init=init, forward=forward))
    return check.declared("Net", folder)[0]


@pytest.mark.parametrize("title", BROKEN)
def test_what_is_wrong_is_found_and_the_rest_not_tried(tmp_path, title):
    init, forward, said = BROKEN[title]
    outcomes = list(check.tried(made(tmp_path / title.replace(" ", ""), init, forward), [], workflow=False))
    found = {each.title: each for each in outcomes}
    assert found[title].passed is False and said in found[title].said
    at = [each.title for each in outcomes].index(title)
    assert all(each.passed for each in outcomes[:at])
    assert all(each.passed is None and each.said == "not tried" for each in outcomes[at + 1 :])


@pytest.mark.parametrize(
    ("forward", "said"),
    [
        ("result = Halving.apply(result)", "differs from that of finite differences"),
        ("result = result + torch.rand_like(result)", "is something random in eval?"),
        ("result = result / 0", "not finite"),
    ],
)
def test_wrong_derivatives_chance_and_infinities_are_found(tmp_path, forward, said):
    outcomes = check.tried(made(tmp_path / f"net{abs(hash(forward))}", "", forward), [], workflow=False)
    failed = [each for each in outcomes if each.passed is False]
    assert len(failed) == 1 and said in failed[0].said


def test_a_new_baseline_passes_as_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["new", "baseline", "My-Net+", "--folder", "mine"])
    assert done.exit_code == 1 and isinstance(done.exception, ConfigError)
    done = CliRunner().invoke(app, ["new", "baseline", "My-Net", "--folder", "mine"], catch_exceptions=False)
    assert "made: mine/my_net with method.yaml and network.py" in done.output
    assert "class MyNet(nn.Module)" in (tmp_path / "mine/my_net/network.py").read_text()
    commands = [line.strip() for line in done.output.splitlines() if line.startswith("    ") and line[4] != " "]
    edit, trial, train = (shlex.split(command) for command in commands)
    assert edit == ["$EDITOR", "mine/my_net/network.py"]
    done = CliRunner().invoke(app, [*trial[1:], "--no-workflow"], catch_exceptions=False)
    assert done.exit_code == 0 and done.output.count("✓") == 9
    config = resolve(combined([ROOT / "config/config.yaml"], train[train.index("--config") + 1 : train.index("--")]))
    assert list(config["methods"]) == ["Bicubic", "My-Net"] and config["run"] == "my_net"
    made(tmp_path / "wrong", "", "result = result[..., 1:]")
    done = CliRunner().invoke(app, ["check", "baseline", "Net", "--folder", "wrong"])
    assert (
        done.exit_code == 1 and "✗ super-resolves  x2" in done.output and "– workflow        not tried" in done.output
    )


@pytest.mark.parametrize("name", ["a b", "../x", "", "-x", "SwinIR-Light"])
def test_names_that_do_not_work_are_refused(tmp_path, name):
    with pytest.raises(ConfigError, match="expected a name such as|there is a method of this name"):
        new.make(name, tmp_path)
    (tmp_path / "my_net").mkdir()
    with pytest.raises(ConfigError, match="is there already"):
        new.make("My-Net", tmp_path)


def test_the_small_workflow_is_a_configuration_and_tells_the_last_error(tmp_path):
    assert list(resolve(workflow.config("IMDN", 2, []))["methods"]) == ["Bicubic", "IMDN"]
    said = "error: Net x2: gives a tuple of 2 instead of one tensor"
    assert workflow._last_words(f"Building DAG\n{said}\nRuleException:\nWorkflowError:\nAt least one job") == said
    with pytest.raises(ConfigError, match="no baseline 'None-Such'; there are"):
        check.declared("None-Such", None)
