"""Back-ends: found in their folder, the same image as eager, recorded; one more file changes nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

import hitsr
from hitsr.configuration import resolve
from hitsr.errors import ConfigError, ResultError
from hitsr.measure.time import backends
from hitsr.measure.time.backends import compile as compiling
from hitsr.measure.time.backends import cudagraph, eager
from hitsr.measure.time.backends.compile import repeated_blocks
from hitsr.measure.time.contestants import Contestant, Setting
from hitsr.measure.time.rounds import measure
from hitsr.measure.time.subject import image
from hitsr.measure.time.tasks import forward
from hitsr.results.fingerprints import sources

BARE = f"{Path(__file__).with_name('misbehaving.py')}:Nearest"
SETTING = Setting(2, warm_up=0, repeats=1, threads=1, device="cpu")


def test_they_are_found_without_pytorch_and_named_when_one_is_unknown():
    known = {"compile", "cudagraph", "onnxruntime", "openvino", "tensorrt"}
    assert backends.names()[0] == "eager" and known < set(backends.names())
    code = "import sys, hitsr.measure.time.backends as b; b.names(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
    with pytest.raises(ConfigError, match=r"config.latency.backends.1: unknown back-end 'ncnn'.*cudagraph"):
        resolve({"methods": {"HiT-SIR": {}}, "latency": {"backends": ["eager", "ncnn"]}})


def test_one_more_back_end_is_one_file_and_no_part_of_a_training(tmp_path, monkeypatch):
    (tmp_path / "mirrored.py").write_text("def available(device):\n    return 'it needs a mirror'\n")
    monkeypatch.setattr(backends, "__path__", [*backends.__path__, str(tmp_path)])
    assert "mirrored" in backends.names()
    found = measure([Contestant("Mine", BARE, {}, "reference", "mirrored")], SETTING, [(8, 8)])
    (failed,) = found.failures()
    assert (failed["kind"], failed["reason"]) == ("unavailable", "not available: it needs a mirror")
    resolve(
        {"methods": {"HiT-SIR": {}}, "latency": {"backends": ["mirrored"]}, "report": {"tables": [], "figures": []}}
    )
    for entry in ("hitsr.training.run", "hitsr.restore.networks", "hitsr.measure.count.run", "hitsr.measure.score"):
        assert not [file for file in sources(entry) if "measure/time" in file], entry


@pytest.mark.parametrize(
    ("network", "options", "blocks"),
    [(BARE, {}, 0), ("SwinIR-Light", {"dim": 24, "depths": [2, 2], "heads": 2, "ffn_ratio": 16}, 4)],
)
def test_compiled_networks_give_the_same_image(network, options, blocks, monkeypatch):
    """Of a network as a whole, and of one that repeats a block; without the compiler itself, which takes minutes."""
    monkeypatch.setattr(compiling, "COMPILER", "eager")
    model = hitsr.build(network, 2, implementation="reference", **options)
    ready = forward(model, image((16, 8)), SETTING, "compile")
    assert ready.facts["blocks"] == blocks and ready.facts["graphs"] >= 1 and ready.facts["breaks"] == 0
    assert ready.facts["from_cache"] == 0
    assert ready.facts["preparation_s"] > 0 and 0 <= ready.facts["difference"] < 1e-5
    assert ready.check(ready.work()).shape == (1, 3, 16, 32)


def test_a_back_end_that_changes_the_image_is_found_out_and_not_timed(monkeypatch):
    """Its output is compared with that of the network as it was before."""
    model = hitsr.build(BARE, 2)
    factor = 1.0001

    def prepare(network, example):
        network.gain.data *= factor
        return backends.Prepared(network, {"version": "1"})

    monkeypatch.setattr(eager, "prepare", prepare)
    monkeypatch.setattr(backends, "load", lambda name: eager)
    facts = forward(model, image((16, 8)), SETTING, "another").facts
    assert (
        facts["difference"] == pytest.approx(1e-4 * float(image((16, 8)).max()), rel=0.02) and facts["version"] == "1"
    )
    factor = 1.5
    with pytest.raises(ResultError, match=r"differs from eager by 0.* in float32; a time of it would be of nothing"):
        forward(model, image((16, 8)), SETTING, "another")


@pytest.mark.parametrize("name", ["HiT-SIR", "SwinIR-Light"])
def test_the_block_that_is_compiled_is_the_layer(name):
    assert len(repeated_blocks(hitsr.build(name, 2))) == 24
    assert not repeated_blocks(nn.Sequential(nn.Conv2d(3, 3, 3), nn.Conv2d(3, 3, 3)))


def test_graphs_need_cuda():
    assert "CUDA" in cudagraph.available(torch.device("cpu"))
    found = measure([Contestant("Mine", BARE, {}, "reference", "cudagraph")], SETTING, [(8, 8)])
    assert [each["kind"] for each in found.failures()] == ["unavailable"] and not found.groups
