"""`hitsr.optimize` and activation checkpointing: in place, with the same weights, and nothing of the rest changed."""

import copy

import pytest
import torch
from conftest import TRANSFORMERS
from test_sizes_and_formulations import small
from torch import nn

import hitsr
from hitsr.networks.blocks.feedforward import MLP
from hitsr.optimized.checkpointing import checkpoint_activations
from hitsr.optimized.replacement import REPLACEMENTS
from hitsr.results.fingerprints import sources


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_in_place_and_with_the_same_parameters(name):
    model = small(name, formulation="plain")
    before = dict(model.named_parameters())
    keys = list(model.state_dict())
    assert hitsr.optimize(model) is model
    assert list(model.state_dict()) == keys
    assert all(parameter is before[key] for key, parameter in model.named_parameters())
    assert not any(type(module) in REPLACEMENTS for module in model.modules())
    kinds = [type(module) for module in model.modules()]
    assert [type(module) for module in hitsr.optimize(model).modules()] == kinds
    assert isinstance(model, type(small(name, formulation="plain")))
    x = torch.rand(1, 3, 9, 9)
    with torch.no_grad():
        assert torch.equal(copy.deepcopy(model)(x), model(x))


@pytest.mark.parametrize(("layer", "optimized"), REPLACEMENTS.items())
def test_results_depend_on_the_source_of_an_optimized_layer(layer, optimized):
    """A network that has the layer computes with the other, of whose source its own says nothing."""
    assert optimized.__module__.replace(".", "/") + ".py" in sources(layer.__module__)


def test_what_extends_a_layer_stays_as_it_is():
    class Doubled(MLP):
        def forward(self, x):
            return 2 * super().forward(x)

    model = small("HiT-SIR", formulation="plain")
    own = Doubled(48, 96)
    model.groups[0].layers[0].feedforward = own
    x = torch.rand(1, 3, 20, 20)
    with torch.no_grad():
        expected = model(x)
        torch.testing.assert_close(hitsr.optimize(model)(x), expected, rtol=0, atol=1e-5)
    assert type(own) is Doubled


@pytest.mark.parametrize("name", ["SwinIR-NG", "HiT-SRF"])
def test_checkpointing_changes_no_bit(name):
    """Also with stochastic depth; and it keeps less."""
    plain = small(name, drop_path=0.3).train()
    thrifty = copy.deepcopy(plain)
    assert checkpoint_activations(thrifty)
    x, kept = torch.rand(2, 3, 20, 18), []
    for model in (plain, thrifty):
        torch.manual_seed(1)
        sizes = []
        with torch.autograd.graph.saved_tensors_hooks(lambda t, s=sizes: (s.append(t.nbytes), t)[1], lambda t: t):
            loss = model(x).square().mean()
        loss.backward()
        kept.append(sum(sizes))
    for (key, a), b in zip(plain.named_parameters(), thrifty.parameters(), strict=True):
        assert torch.equal(a.grad, b.grad), key
    assert kept[1] < kept[0] / 2
    with torch.no_grad():
        assert torch.equal(plain.eval()(x), thrifty.eval()(x))


def test_networks_without_layers_are_left_alone():
    assert checkpoint_activations(small("SwinIR-Light"))
    for model in (small("ELAN-Light"), nn.Linear(3, 3)):
        assert not checkpoint_activations(model)
