"""Graphs that go through maps part by part: the same images, by loops and by nodes for each part."""

import numpy as np
import pytest
import torch
from test_export import built, in_runtimes

from hitsr.export import loops, parts
from hitsr.export.check import difference_from_eager
from hitsr.export.onnx_graph import onnx_graph
from hitsr.measure.time.exported import exported

SMALL = {"dim": 24, "heads": 2}
NETWORKS = {
    "HiT-SIR": {**SMALL, "depths": (3, 3), "window_ratios": (0.5, 1, 2)},
    "HiT-SNG": {**SMALL, "depths": (2, 2), "window_ratios": (0.5, 2)},
    "HiT-SRF": {**SMALL, "depths": (2, 2), "window_ratios": (1, 2)},
    "SwinIR-Light": {**SMALL, "depths": (2, 2)},
    "SRFormer-Light": {"dim": 8, "depths": (2, 2), "heads": 2},
}
"""Both mixers, with and without shifted windows and a context, and both feed-forwards; two layers of each kind."""


@pytest.mark.parametrize("unrolled", [0, 2**20], ids=["loops", "unrolled"])
@pytest.mark.parametrize("name", NETWORKS)
def test_graphs_in_parts_give_the_same_image(name, unrolled, small_parts, monkeypatch, random, tmp_path):
    pytest.importorskip("onnxscript", reason="pip install 'hitsr[onnx]'")
    onnx = pytest.importorskip("onnx", reason="pip install 'hitsr[onnx]'")
    monkeypatch.setattr(loops, "UNROLLED", unrolled)
    model = built(name, **NETWORKS[name])
    width, height = 40, 29
    graph = onnx_graph(model, (width, height))
    onnx.checker.check_model(graph, full_check=True)
    made = [node for node in graph.graph.node if node.name.startswith("loop_")]
    assert made and {"Scan" in {node.op_type for node in made}} == {unrolled == 0}
    assert {each.domain for each in graph.opset_import} == {""}
    photograph = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    path = tmp_path / "network.onnx"
    path.write_bytes(graph.SerializeToString())
    for run in in_runtimes(path).values():
        assert difference_from_eager(model, run, photograph) < 1e-5


@pytest.mark.parametrize("size", [(32, 16), None], ids=["small", "open"])
def test_small_maps_and_maps_of_open_sizes_stay_whole(size):
    pytest.importorskip("onnxscript", reason="pip install 'hitsr[onnx]'")
    model = built("HiT-SIR", **SMALL, depths=(1,), window_ratios=(1,))
    assert not any(node.name.startswith("loop_") for node in onnx_graph(model, size).graph.node)


def test_an_export_is_the_same_every_time(small_parts):
    pytest.importorskip("onnxscript", reason="pip install 'hitsr[onnx]'")
    model = built("SRFormer-Light", **NETWORKS["SRFormer-Light"])
    first, second = (onnx_graph(model, (40, 29)).SerializeToString(deterministic=True) for _ in range(2))
    assert first == second


def test_parts_are_equal_and_of_a_size_that_pays():
    cases = [(14400, 120), (57600, 120), (23, 76800), (45, 76800), (3, 1228800), (14407, 120), (9, 2**17)]
    with parts.cutting():
        for units, numbers in cases:
            count = parts.count_of_parts(units, numbers)
            size = units // count * numbers
            assert units % count == 0 and size >= parts.SMALLEST
            # larger than it should be only where the next smaller one does not pay, or where there is none
            smaller = [units // each * numbers for each in range(count + 1, units + 1) if units % each == 0]
            assert size <= parts.PART or not smaller or smaller[0] < parts.SMALLEST
        assert parts.count_of_parts(2**10, 2**10) == 1  # 4 MiB
        assert parts.count_of_parts(57600, 120) == 15 and parts.count_of_parts(3, 1228800) == 3


def test_without_a_graph_nothing_is_cut():
    assert parts.count_of_parts(57600, 120) == 1
    x = torch.rand(6, 2)
    assert parts.in_parts(lambda part: part.cumsum(0), 6, 2**30, x).equal(x.cumsum(0))


def test_graphs_for_a_gpu_stay_whole(small_parts):
    """The parts are for the caches of a CPU."""
    pytest.importorskip("onnxscript", reason="pip install 'hitsr[onnx]'")
    model = built("SRFormer-Light", **NETWORKS["SRFormer-Light"])
    for device, cut in (("cpu", True), ("meta", False)):
        graphs: list = []
        exported(model, torch.empty(1, 3, 29, 40, device=device), graphs.append)
        assert any(node.name.startswith("loop_") for node in graphs[0].graph.node) == cut
