"""Training: it learns, everything random follows the seed, and the weights kept are the last or their average."""

import json

import pytest
import torch
from common import advance, same, task, trainer, weights

import hitsr
from hitsr.errors import CheckpointError, TrainingError
from hitsr.networks.checkpoints import read_metadata
from hitsr.training.run import run
from hitsr.training.schedule import learning_rate
from hitsr.training.start import transfer


def test_training_learns_and_is_recorded(data, tmp_path):
    run(task(data, tmp_path))
    history = json.loads((tmp_path / "history.json").read_text())
    losses = [row["value"] for row in history["rows"] if row["quantity"] == "loss"]
    psnr = [row for row in history["rows"] if row["quantity"] == "validation_psnr"]
    assert losses[-1] < 0.6 * losses[0]
    assert [row["iteration"] for row in psnr] == [30, 60]
    seconds = [row["value"] for row in history["rows"] if row["quantity"] == "training_time"]
    assert 0 < seconds[0] < seconds[1] < history["provenance"]["duration_s"]
    assert read_metadata(tmp_path / "weights.safetensors")["record"]["iterations"] == 60
    assert not (tmp_path / "state.pt").exists()


def test_a_step_is_adam_on_the_l1_loss(data, tmp_path):
    """Ten steps against the same written down with torch alone."""
    steps = trainer(task(data, tmp_path, options={"dim": 16, "depths": [1], "heads": 2}))
    torch.manual_seed(0)
    model = hitsr.build("SwinIR-Light", 2, dim=16, depths=[1], heads=2)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.99))
    for iteration in range(10):
        low, high = (images.permute(0, 3, 1, 2) / 255 for images in steps.sampler.batch(iteration))
        loss = (model(low) - high).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        advance(steps, iteration + 1)
        assert steps.last_loss == pytest.approx(loss.item(), rel=1e-4)


def test_two_seeds_differ_in_everything(data, tmp_path):
    """Initialisation and crops; two of one seed in nothing. (Order: tests/data/test_packed.py.)"""
    first, again, other = (trainer(task(data, tmp_path, seed=seed)) for seed in (0, 0, 1))
    assert same(first.model.state_dict(), again.model.state_dict())
    name = "groups.0.conv.weight"
    assert not torch.equal(first.model.state_dict()[name], other.model.state_dict()[name])
    assert not torch.equal(first.sampler.batch(0)[0], other.sampler.batch(0)[0])
    for each in (first, again):
        advance(each, 5)
    assert same(first.model.state_dict(), again.model.state_dict())


def test_the_moving_average_is_kept_where_asked_for(data, tmp_path):
    """Against its closed form: a sum of the weights of all steps, the first as the start."""
    decay, settings = 0.8, {"ema": 0.8, "iterations": 5}
    steps = trainer(task(data, tmp_path, train=settings))
    expected = None
    for iteration in range(1, 6):
        advance(steps, iteration)
        now = steps.model.state_dict()["shallow.weight"].clone()
        expected = now if expected is None else decay * expected + (1 - decay) * now
    assert torch.allclose(steps.result.state_dict()["shallow.weight"], expected, atol=1e-7)
    run(task(data, tmp_path / "ema", train=settings))
    assert torch.allclose(weights(tmp_path / "ema")["shallow.weight"], expected, atol=1e-7)


def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_good_state(data, tmp_path):
    steps = trainer(task(data, tmp_path))
    advance(steps, 4)
    steps.save_state()
    good = (tmp_path / "state.pt").read_bytes()
    torch.nn.init.constant_(steps.model.shallow.weight, float("nan"))
    with pytest.raises(
        TrainingError, match=r"loss is nan .* at iteration 4; the last good state is kept in .*state.pt"
    ):
        steps.fit()
    assert (tmp_path / "state.pt").read_bytes() == good


def test_a_gradient_that_is_not_finite_stops_before_it_reaches_the_weights(data, tmp_path):
    steps = trainer(task(data, tmp_path))
    before = {key: value.clone() for key, value in steps.model.state_dict().items()}
    steps.model.shallow.weight.register_hook(lambda gradient: gradient * float("inf"))
    with pytest.raises(TrainingError, match=r"norm of its gradient (nan|inf) at iteration 0; no state had been saved"):
        advance(steps, 1)
    assert same(before, steps.model.state_dict())


def test_fewer_images_than_the_batch_are_said(data, tmp_path, capsys):
    run(task(data, tmp_path, train={"iterations": 1}))
    assert "1 images for batches of 2" in capsys.readouterr().err


def test_learning_rate_of_the_paper():
    train = {
        "iterations": 500_000,
        "learning_rate": 5e-4,
        "milestones": [0.5, 0.8, 0.9, 0.95],
        "gamma": 0.5,
        "warm_up": 0,
    }
    steps = {0: 1, 249_999: 1, 250_000: 2, 400_000: 4, 450_000: 8, 475_000: 16, 499_999: 16}
    assert {step: round(5e-4 / learning_rate(train, step)) for step in steps} == steps
    assert learning_rate({**train, "warm_up": 10}, 4) == pytest.approx(2.5e-4)


def test_transfer_keeps_all_but_the_upsampler(tmp_path):
    options = {"dim": 16, "depths": [2], "heads": 2}
    source, target = hitsr.build("HiT-SIR", 2, **options), hitsr.build("HiT-SIR", 3, **options)
    upsampler = target.upsample.conv.weight.clone()
    hitsr.save(source, tmp_path / "x2.safetensors")
    transfer(target, tmp_path / "x2.safetensors")
    assert torch.equal(target.groups[0].conv.weight, source.groups[0].conv.weight)
    assert torch.equal(target.upsample.conv.weight, upsampler)
    with pytest.raises(CheckpointError, match="cannot start from"):
        transfer(hitsr.build("HiT-SRF", 3, **options), tmp_path / "x2.safetensors")
