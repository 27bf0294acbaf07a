"""The position bias is kept in evaluation, and made again whenever a weight has changed."""

import copy

import pytest
import torch
from test_sizes_and_formulations import small

X = torch.rand(1, 3, 24, 24, generator=torch.Generator().manual_seed(1))


def run(model: torch.nn.Module, x: torch.Tensor = X) -> torch.Tensor:
    with torch.no_grad():
        return model(x)


def optimise(model):
    model.train()
    model(X).mean().backward()
    torch.optim.SGD(model.parameters(), lr=1.0).step()
    model.eval()


def load_others(model):
    state = {key: value + 0.1 * torch.randn_like(value) for key, value in model.state_dict().items()}
    model.load_state_dict(state)


def edit_data(model):
    for name, parameter in model.named_parameters():
        if "position" in name:
            parameter.data.mul_(1.5)


def train_switch(model):
    optimise(model)
    model.train()
    model.eval()


@pytest.mark.parametrize("change", [optimise, load_others, edit_data, train_switch])
def test_changed_weights_are_noticed(change):
    model = small("HiT-SIR")
    before = run(model)
    change(model)
    fresh = small("HiT-SIR")
    fresh.load_state_dict(model.state_dict())
    assert not torch.equal(run(model), before)
    assert torch.equal(run(model), run(fresh))


def test_kept_bias_changes_nothing():
    model = small("HiT-SIR")
    assert torch.equal(run(model), run(model))
    with torch.enable_grad():
        torch.testing.assert_close(model(X).detach(), run(model), rtol=0, atol=1e-6)


def test_copies_do_not_share_it():
    model = small("HiT-SIR")
    before = run(model)
    twin = copy.deepcopy(model)
    edit_data(twin)
    run(twin)
    assert torch.equal(run(model), before)


def test_types_autocast_and_inference_mode():
    model = small("HiT-SIR")
    before = run(model)
    with torch.autocast("cpu", torch.bfloat16):
        run(model)
    assert torch.equal(run(model), before)
    with torch.inference_mode():
        model(X)
    assert torch.equal(run(model), before)
    model(X).mean().backward()
    precise = run(copy.deepcopy(model).double(), X.double())
    torch.testing.assert_close(precise.float(), before, rtol=0, atol=1e-5)
