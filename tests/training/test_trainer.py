"""Training: it learns, everything random follows the seed, and the weights kept are the last or their average."""

import copy
import hashlib

import pytest
import torch
from common import advance, load_saved, rows, same, task, trained, trainer, validation, weights

import hitsr
from hitsr.checkpoints.file import read_metadata
from hitsr.data.prepared import open_prepared
from hitsr.errors import CheckpointError, ResultError, TrainingError
from hitsr.precision import computing_in
from hitsr.results.records import read_record
from hitsr.training.loss import CHARBONNIER_EPSILON
from hitsr.training.run import run
from hitsr.training.schedule import learning_rate
from hitsr.training.start import transfer
from hitsr.training.trainer import Trainer
from hitsr.training.validation import Validation


def test_training_learns_and_is_recorded(data, tmp_path):
    trained(task(data, tmp_path))
    history = read_record(tmp_path / "history.json")
    losses = [row["value"] for row in history["rows"] if row["quantity"] == "loss"]
    psnr = [row for row in history["rows"] if row["quantity"] == "validation_psnr"]
    assert losses[-1] < 0.6 * losses[0]
    assert [row["iteration"] for row in psnr] == [30, 60]
    seconds = [row["value"] for row in history["rows"] if row["quantity"] == "training_time"]
    assert 0 < seconds[0] < seconds[1] < history["provenance"]["duration_s"]
    assert read_metadata(tmp_path / "weights.safetensors")["record"]["iterations"] == 60
    assert not (tmp_path / "state.pt").exists()
    content = (tmp_path / "weights.safetensors").read_bytes()
    assert history["weights_sha256"] == hashlib.sha256(content).hexdigest()
    assert load_saved(tmp_path, "finished.pt")["iteration"] == 60


def test_a_changed_number_in_the_history_is_refused(data, tmp_path):
    trained(task(data, tmp_path, train={"iterations": 2, "log_every": 1}))
    path = tmp_path / "history.json"
    text = path.read_text()
    path.write_text(text.replace('"value": 0.', '"value": 1.', 1))
    with pytest.raises(ResultError, match=r"history.json: was changed or damaged"):
        read_record(path)


def test_validation_changes_no_weight(data, tmp_path):
    """Batch statistics, random numbers and modes are as without it, bit for bit; with dropped paths, too."""
    elan = {"network": "ELAN-Light", "options": {"dim": 12, "blocks": 2}, "train": {"iterations": 8, "patch_size": 32}}
    swin = {"train": {"iterations": 8, "ema": 0.9}}
    for name, changes in (("elan", elan), ("swin", swin)):
        for every in (1, 3, 100):
            train = {**changes["train"], "validate_every": every, "log_every": every, "checkpoint_every": every}
            trained(task(data, tmp_path / f"{name}{every}", **{**changes, "train": train}))
        trained(task(data, tmp_path / f"{name}0", **changes, validation_set=None))
        found = [weights(tmp_path / f"{name}{every}") for every in (0, 1, 3, 100)]
        assert all(same(found[0], other) for other in found[1:]), name


def test_watched_sets_are_recorded_and_select_nothing(data, tmp_path):
    """The PSNR of a test set beside the validation's, and the weights that there are without it."""
    train = {"iterations": 6, "validate_every": 3}
    for name, watched in (("without", {}), ("with", {"towns": data / "validation"})):
        one = task(data, tmp_path / name, train=train, watched_sets=watched)
        run(one, validation(one), {place: Validation(folder, 2) for place, folder in watched.items()})
    assert same(weights(tmp_path / "without"), weights(tmp_path / "with"))
    history = read_record(tmp_path / "with" / "history.json")
    psnr = {
        quantity: {row["iteration"]: row["value"] for row in history["rows"] if row["quantity"] == quantity}
        for quantity in ("test_psnr", "validation_psnr")
    }
    assert list(psnr["test_psnr"]) == [3, 6] and psnr["test_psnr"] == psnr["validation_psnr"]
    assert {row["dataset"] for row in history["rows"] if row["quantity"] == "test_psnr"} == {"towns"}
    summary = open_prepared(data / "train", 2).summary
    record = read_metadata(tmp_path / "with" / "weights.safetensors")["record"]
    assert history["trained_on"] == record["trained_on"] == summary
    assert summary["images"] == len(open_prepared(data / "train", 2).names)


FORMULAS = {
    "l1": lambda difference: difference.abs().mean(),
    "mse": lambda difference: (difference**2).mean(),
    "charbonnier": lambda difference: (difference**2 + CHARBONNIER_EPSILON**2).sqrt().mean(),
}


@pytest.mark.parametrize("network", ["SwinIR-Light", "HiT-SRF", "ELAN-Light"])
def test_activation_checkpointing_changes_no_weight(data, tmp_path, network):
    """Bit for bit, statistics of batch norm and dropped paths included; one goes on from the other's state."""
    options = {"dim": 12, "blocks": 2} if network == "ELAN-Light" else {"dim": 16, "depths": [2], "heads": 2}
    options |= {"drop_path": 0.3} if network == "SwinIR-Light" else {}
    for name, on in (("on", True), ("off", False)):
        train = {"iterations": 4, "patch_size": 16, "activation_checkpointing": on}
        trained(task(data, tmp_path / name, network=network, options=options, train=train, validation_set=None))
    assert same(weights(tmp_path / "on"), weights(tmp_path / "off"))


def test_bfloat16_learns_as_float32_does(data, tmp_path):
    """The curves begin alike, are not the same, and fall alike; weights stay float32."""
    options = {"dim": 16, "depths": [1], "heads": 2}
    curves = {}
    for precision in ("float32", "bfloat16"):
        folder = tmp_path / precision
        train = {"iterations": 20, "patch_size": 16, "precision": precision}
        trained(task(data, folder, network="HiT-SIR", options=options, train=train, validation_set=None))
        curves[precision] = rows(folder, "loss")
        assert all(weight.dtype == torch.float32 for weight in weights(folder).values())
    (first, last), (wide_first, wide_last) = curves["bfloat16"], curves["float32"]
    assert (first, last) != (wide_first, wide_last)
    assert first == pytest.approx(wide_first, rel=0.02)
    # twenty steps from random weights multiply a difference of rounding
    assert last == pytest.approx(wide_last, rel=0.15) and last < 0.75 * first


@pytest.mark.parametrize("checkpointing", [False, True])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_steps_compute_with_the_weights_of_their_moment(data, tmp_path, monkeypatch, precision, checkpointing):
    """The loss of each step is that of a copy of the network, made before the step."""
    step, apart = Trainer.step, []

    def watched(self, low, high):
        copied = copy.deepcopy(self.model).train()
        with torch.no_grad(), computing_in(precision, torch.device("cpu")):
            restored = copied(low.permute(0, 3, 1, 2) / 255)
        wanted = (restored.float() - high.permute(0, 3, 1, 2) / 255).abs().mean().item()
        stop = step(self, low, high)
        apart.append(abs(self.last_loss - wanted) / wanted)
        return stop

    monkeypatch.setattr(Trainer, "step", watched)
    options = {"dim": 16, "depths": [1], "heads": 2}
    train = {"iterations": 30, "log_every": 1, "precision": precision, "activation_checkpointing": checkpointing}
    trained(task(data, tmp_path, network="HiT-SIR", options=options, train=train, validation_set=None))
    assert len(apart) == 30 and max(apart) < 1e-4


@pytest.mark.parametrize("name", FORMULAS)
def test_a_step_is_adam_on_the_loss(data, tmp_path, name):
    """Ten steps against the same written down with torch alone."""
    steps = trainer(task(data, tmp_path, train={"loss": name}, options={"dim": 16, "depths": [1], "heads": 2}))
    torch.manual_seed(0)
    model = hitsr.build("SwinIR-Light", 2, dim=16, depths=[1], heads=2)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.99))
    for iteration in range(10):
        low, high = (images.permute(0, 3, 1, 2) / 255 for images in steps.sampler.batch(iteration))
        loss = FORMULAS[name](model(low) - high)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        advance(steps, iteration + 1)
        assert steps.last_loss == pytest.approx(loss.item(), rel=1e-4)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_loss_is_logged_as_of_images_in_0_to_1(data, tmp_path, name):
    """ELAN-Light computes in [0, 255]."""
    options = {"dim": 12, "blocks": 2}
    steps = trainer(task(data, tmp_path, network="ELAN-Light", options=options, train={"loss": name, "patch_size": 32}))
    low, high = (images.permute(0, 3, 1, 2) / 255.0 for images in steps.sampler.batch(0))
    torch.manual_seed(0)
    expected = FORMULAS[name](steps.model.train()(low * 255) / 255 - high).item()
    advance(steps, 1)
    assert steps.last_loss == pytest.approx(expected, rel=1e-4)


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
    trained(task(data, tmp_path / "ema", train=settings))
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


@pytest.mark.parametrize("place", ["moving average", "statistics", "moment", "weight"])
def test_a_state_that_is_not_finite_is_never_written(data, tmp_path, place):
    """Whatever became NaN without the loss showing it; the state before stays, and no weights appear."""
    settings = {"iterations": 5, "checkpoint_every": 100, "ema": 0.9, "patch_size": 32}
    elan = {"network": "ELAN-Light", "options": {"dim": 12, "blocks": 2}}
    steps = trainer(task(data, tmp_path, train=settings, **elan))
    advance(steps, 3)
    steps.save_state()
    good = (tmp_path / "state.pt").read_bytes()
    damaged = {
        "moving average": steps.average.module.head.bias,
        "statistics": next(part.running_var for part in steps.model.modules() if hasattr(part, "running_var")),
        "moment": next(iter(steps.optimizer.state.values()))["exp_avg_sq"],
        "weight": steps.model.head.bias,
    }[place]
    with torch.no_grad():
        damaged.flatten()[0] = float("nan") if place == "weight" else float("inf")
    with pytest.raises(TrainingError, match=r"is not finite at iteration 3; the last good state is kept"):
        steps.save_state()
    assert (tmp_path / "state.pt").read_bytes() == good


def test_weights_that_are_not_finite_after_the_last_step_are_not_kept(data, tmp_path, monkeypatch):
    step = torch.optim.Adam.step

    def overflowing(self, *arguments):
        step(self, *arguments)
        torch.nn.init.constant_(self.param_groups[0]["params"][0], float("inf"))

    monkeypatch.setattr(torch.optim.Adam, "step", overflowing)
    with pytest.raises(TrainingError, match=r"shallow.weight is not finite at iteration 1; no state had been saved"):
        trained(task(data, tmp_path, train={"iterations": 1}, validation_set=None))
    assert not list(tmp_path.glob("*"))


def test_fewer_images_than_the_batch_are_said(data, tmp_path, capsys):
    trained(task(data, tmp_path, train={"iterations": 1}))
    assert "1 images for batches of 2" in capsys.readouterr().err


def test_learning_rate_of_the_paper():
    train = {
        "iterations": 500_000,
        "learning_rate": 5e-4,
        "milestones": [0.5, 0.8, 0.9, 0.95],
        "gamma": 0.5,
        "warm_up": 0,
        "schedule_iterations": None,
    }
    steps = {0: 1, 249_999: 1, 250_000: 2, 400_000: 4, 450_000: 8, 475_000: 16, 499_999: 16}
    assert {step: round(5e-4 / learning_rate(train, step)) for step in steps} == steps
    assert learning_rate({**train, "warm_up": 10}, 4) == pytest.approx(2.5e-4)
    longer = {**train, "iterations": 600_000, "schedule_iterations": 500_000}
    assert all(learning_rate(longer, step) == learning_rate(train, min(step, 499_999)) for step in [*steps, 599_999])


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
