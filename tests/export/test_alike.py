"""Layers that differ in their weights alone are traced once, and give the same graph as if each had been."""

import copy

import pytest
import torch
from test_export import built
from test_loops import NETWORKS

import hitsr
from hitsr.export import alike
from hitsr.export.graph import graph_form
from hitsr.export.layers.backbone import GraphLayer
from hitsr.export.onnx_graph import onnx_graph
from hitsr.networks.backbone import Backbone
from hitsr.networks.registry import networks

KINDS = {"SwinIR-Light": 2, "SwinIR-NG": 2, "SRFormer-Light": 2, "HiT-SIR": 6, "HiT-SNG": 6, "HiT-SRF": 6}
"""Shifted windows or not; window sizes."""


@pytest.mark.parametrize(("name", "size"), [("SwinIR-Light", None), ("SwinIR-Light", (40, 29)), ("HiT-SNG", (40, 29))])
def test_copies_are_the_nodes_that_a_trace_of_each_layer_gives(name, size, small_parts, monkeypatch, random):
    pytest.importorskip("onnxscript", reason="pip install 'hitsr[onnx]'")
    onnxruntime = pytest.importorskip("onnxruntime", reason="pip install 'hitsr[onnx]'")
    model = built(name, **NETWORKS[name])
    graphs = [onnx_graph(model, size)]
    monkeypatch.setattr(alike, "alike", lambda one, other: False)
    graphs.append(onnx_graph(model, size))
    for width, height in [size] if size else [(40, 29), (9, 17)]:
        image = random.random((1, 3, height, width), dtype="float32")
        sessions = [onnxruntime.InferenceSession(graph.SerializeToString()) for graph in graphs]
        copied, traced = (session.run(None, {"image": image})[0] for session in sessions)
        assert (copied == traced).all()
    operators = [sorted(node.op_type for node in graph.graph.node) for graph in graphs]
    assert operators[0] == operators[1]
    assert len(graphs[0].graph.initializer) == len(graphs[1].graph.initializer)


@pytest.mark.parametrize("name", KINDS)
def test_every_layer_is_of_the_kind_of_its_window(name):
    model = hitsr.build(name, 2).eval()
    with torch.no_grad():
        # after which optimized layers keep what they made of their weights
        model(torch.rand(1, 3, 8, 8))
    layers = [module for module in graph_form(model).modules() if isinstance(module, GraphLayer)]
    kinds: list[GraphLayer] = []
    for layer in layers:
        if not any(alike.alike(layer, other) for other in kinds):
            kinds.append(layer)
    assert len(kinds) == KINDS[name] < len(layers)


def test_all_backbones_have_their_kinds_here():
    assert set(KINDS) == {name for name in networks() if isinstance(hitsr.build(name, 2), Backbone)}


def test_what_differs_in_more_than_weights_is_not_alike():
    class Scaled(torch.nn.Linear):
        def __init__(self, factor, bias=True, width=3):
            super().__init__(2, width, bias)
            self._factor = factor

    like = Scaled(2.0)
    assert alike.alike(like, Scaled(2.0)) and alike.alike(Scaled((1, ["a"])), Scaled((1, ["a"])))
    for other in (Scaled(3.0), Scaled(2), Scaled(2.0, bias=False), Scaled(2.0, width=4), torch.nn.Linear(2, 3)):
        assert not alike.alike(like, other)
        assert not alike.alike(torch.nn.Sequential(like), torch.nn.Sequential(other))
    assert not alike.alike(like, Scaled(2.0).double())
    for factor in (torch.ones(2), (torch.ones(2),), {"a": torch.ones(2)}):
        assert not alike.alike(Scaled(factor), Scaled(copy.deepcopy(factor)))
