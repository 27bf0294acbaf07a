"""Section `train`: how networks are trained."""

from typing import Annotated, Literal

from pydantic import Field

from hitsr.schema.sections import Section, key, optional, section
from hitsr.schema.types import Count, Device, Distinct, Natural, Positive, Real

Milestones = Annotated[list[Annotated[Real, Field(gt=0, le=1)]], Distinct]
"""Fractions in (0, 1]."""


class FineTuning(Section):
    """Keys of `train` that differ where x3 or x4 start from the x2 weights."""

    iterations: Count | None = optional("Optimiser steps.")
    learning_rate: Positive | None = optional("Learning rate at the start.")
    milestones: Milestones | None = optional(
        "Fractions of the iterations at which the learning rate is multiplied by `gamma`."
    )
    schedule_iterations: Count | None = optional("Iterations that `milestones` are fractions of, if not `iterations`.")
    warm_up: Natural | None = optional("Iterations over which the learning rate rises linearly to its start.")


class Train(Section):
    """How networks are trained; defaults are the paper's (Adam, L1, five steps of the learning rate).

    A training goes on from its saved state wherever training anew would have led to that state: always where only
    `validate_every`, `log_every`, `checkpoint_every`, `processes`, `threads`, `device` or `data_on_device` changed,
    and with other `iterations` as long as no milestone that it has passed moves. To lengthen a training that has
    passed milestones, keep them where they were: a run of `iterations: 500000` goes on with `iterations: 600000` and
    `schedule_iterations: 500000`, at its last learning rate.

    The last weights are reported. Validation only draws curves: no checkpoint is chosen by it, and never by a test set,
    although the published code validates on Set5, which it reports too.
    """

    iterations: Count = key(500_000, "Optimiser steps.")
    batch_size: Count = key(64, "Patches per step.")
    patch_size: Count = key(64, "Side of the low-resolution patches in pixels.")
    learning_rate: Positive = key(5e-4, "Learning rate at the start.")
    betas: Annotated[list[Annotated[Real, Field(ge=0, lt=1)]], Field(min_length=2, max_length=2)] = key(
        [0.9, 0.99], "Decay rates of Adam's two moments."
    )
    milestones: Milestones = key(
        [0.5, 0.8, 0.9, 0.95], "Fractions of the iterations at which the learning rate is multiplied by `gamma`."
    )
    gamma: Annotated[Positive, Field(le=1)] = key(0.5, "Factor at each milestone.")
    schedule_iterations: Count | None = key(
        None,
        "Iterations that `milestones` are fractions of, if not `iterations`. With more `iterations` a finished "
        "training goes on, at the rate that it reached.",
    )
    warm_up: Natural = key(0, "Iterations over which the learning rate rises linearly to its start.")
    loss: Literal["l1", "mse", "charbonnier"] = key(
        "l1",
        "What is minimised, d being the difference of images in [0, 1]: the mean of abs(d) (l1, the paper's), of d^2 "
        "(mse), or of sqrt(d^2 + 0.001^2) (charbonnier).",
    )
    start_from_x2: bool = key(
        True,
        "Start x3 and x4 from the x2 weights of the same method and seed, the upsampler excepted (the paper's recipe).",
    )
    fine_tuning: FineTuning = section(FineTuning)
    ema: Annotated[Positive, Field(lt=1)] | None = key(
        None,
        "Decay of the moving average of the weights that is validated and kept instead of the last weights; null for "
        "none, as published.",
    )
    validate_every: Count = key(5000, "Iterations between two measurements of the validation PSNR.")
    log_every: Count = key(100, "Iterations that one entry of the loss history averages.")
    checkpoint_every: Count = key(1000, "Iterations between two saved states; a killed training goes on from the last.")
    activation_checkpointing: bool = key(
        True,
        "Compute activations of the larger layers again in the backward pass instead of keeping them: less memory, "
        "more time, equal weights.",
    )
    precision: Literal["float32", "bfloat16"] = key(
        "float32",
        "Number format of the passes, bfloat16 by PyTorch's autocast; weights, loss and optimiser stay float32, and so "
        "does validation.",
    )
    processes: Count = key(
        1,
        "GPUs of one training (or processes on a CPU) that share each batch: equal to one up to rounding. Batch norm "
        "and stochastic depth see the whole batch; a network that depends on how a batch is divided is refused.",
    )
    data_on_device: bool = key(
        False, "Keep the training images in the memory of the GPU instead of reading them from the disk's memory map."
    )
    threads: Count = key(1, "CPU threads of one training. Results depend on it in the last bits.")
    device: Device = key("auto", "Where to train.")
