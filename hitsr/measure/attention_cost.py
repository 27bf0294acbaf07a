"""What attention and correlation cost against the size of the window, counted and measured (HiT-SR, Section 3.3).

Four operators mix the tokens of windows: window self-attention (W-SA, SwinIR), permuted self-attention (PSA,
SRFormer), spatial and channel self-correlation (S-SC, C-SC, HiT-SR). Each is measured by itself, from queries,
keys and values to mixed tokens: projections and feature extraction, which cost the same whatever the window, are
left out. The multiply-adds of one window of L tokens and C channels, M = min(L, 64) pooled tokens:

    W-SA   2 L^2 C          quadratic in the tokens of the window
    PSA    L^2 C / 2        quadratic, a quarter of the keys
    S-SC   L M C            linear once M is constant; half the channels are queries, half values
    C-SC   L C^2 / 2        linear
"""

import multiprocessing
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from hitsr.devices import choose_device
from hitsr.errors import ResultError
from hitsr.measure.time.worker import peak_of
from hitsr.networks.blocks.attention import attend_fast, attend_plain, permuted_index
from hitsr.networks.blocks.correlation import (
    channel_correlation,
    channel_mixing,
    pool_cells,
    spatial_correlation,
    spatial_mixing,
)
from hitsr.networks.blocks.formulation import FORMULATIONS, Formulated, Formulation
from hitsr.networks.blocks.position import DynamicPositionBias
from hitsr.networks.blocks.windows import relative_index, to_cells, to_windows
from hitsr.progress import progress

BASE_WINDOW = 8
"""Side of the pooled windows of S-SC (HiT-SR, Section 3.3)."""


@dataclass(frozen=True)
class Setting:
    """Under what conditions: channels, heads, side of the square map, rounds, CPU threads, device."""

    dim: int
    heads: int
    map: int
    warm_up: int
    repeats: int
    threads: int
    device: str


class Operator(Formulated):
    """Mixes the tokens of windows: features `(B, H, W, channels)` to mixed tokens `(B', L, ...)`.

    Args:
        dim: channels of the network around it.
        heads: attention heads.
        window: side of the windows.
    """

    def __init__(self, dim: int, heads: int, window: int):
        super().__init__()
        self.dim, self.heads, self.window = dim, heads, window

    @property
    def channels(self) -> int:
        """Channels of the features: queries and values, and keys where they differ."""
        return self.dim

    @staticmethod
    def macs(tokens: int, dim: int) -> float:
        """Multiply-adds of one window by the closed form above."""
        raise TypeError("an operator says what it costs")

    def keep(self) -> None:
        """Compute what `fast` keeps from one pass to the next, if there is such a thing."""


class WindowSelfAttention(Operator):
    """W-SA: every token attends to every token of its window."""

    def __init__(self, dim: int, heads: int, window: int):
        super().__init__(dim, heads, window)
        self.bias_table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))

    @property
    def channels(self) -> int:
        return 3 * self.dim

    @staticmethod
    def macs(tokens: int, dim: int) -> float:
        return 2 * tokens**2 * dim

    def attend(self, x: Tensor, attend) -> Tensor:
        q, k, v = to_windows(x, self.window).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        bias = self.bias_table[relative_index(self.window, x.device)].permute(2, 0, 1)
        return attend(q, k, v, bias, None)

    def plain(self, x: Tensor) -> Tensor:
        return self.attend(x, attend_plain)

    def fast(self, x: Tensor) -> Tensor:
        return self.attend(x, attend_fast)


class PermutedSelfAttention(WindowSelfAttention):
    """PSA: every token attends to a quarter as many keys, of 2x2 pixels each."""

    def __init__(self, dim: int, heads: int, window: int):
        Operator.__init__(self, dim, heads, window)
        self.bias_table = nn.Parameter(torch.zeros((window - 1) ** 2, heads))

    @property
    def channels(self) -> int:
        return self.dim + 2 * (self.dim // 4)

    @staticmethod
    def macs(tokens: int, dim: int) -> float:
        return tokens**2 * dim / 2

    def attend(self, x: Tensor, attend) -> Tensor:
        side = self.window // 2
        q, kv = to_windows(x, self.window).split([self.dim, 2 * (self.dim // 4)], dim=-1)
        kv = kv.unflatten(2, (2, -1)).unflatten(1, (side, 2, side, 2))
        k, v = kv.permute(5, 0, 1, 3, 2, 4, 6).flatten(4).flatten(2, 3).unflatten(3, (self.heads, -1)).transpose(2, 3)
        q = q.unflatten(2, (self.heads, -1)).transpose(1, 2)
        bias = self.bias_table[permuted_index(self.window, x.device)].permute(2, 0, 1)
        return attend(q, k, v, bias, None)


class SpatialSelfCorrelation(Operator):
    """S-SC with its pooling and its position bias, which is the same for all windows of the map."""

    def __init__(self, dim: int, heads: int, window: int):
        super().__init__(dim, heads, window)
        self.cell = window // min(window, BASE_WINDOW)
        self.pool = nn.Linear(self.cell**2, 1)
        self.position = DynamicPositionBias(dim, heads)

    @staticmethod
    def macs(tokens: int, dim: int) -> float:
        return tokens * min(tokens, BASE_WINDOW**2) * dim

    def plain(self, x: Tensor) -> Tensor:
        query, value = to_windows(x, self.window).chunk(2, dim=-1)
        pooled = pool_cells(value, self.pool, self.window // self.cell, self.cell)
        bias = self.position.plain(self.window, self.cell)
        return spatial_correlation(query, pooled, pooled, bias, self.heads)

    def fast(self, x: Tensor) -> Tensor:
        tokens = to_cells(x, self.window, self.cell)
        half = self.dim // 2
        query = tokens[..., :half]
        pooled = (tokens[..., half:].unflatten(1, (-1, self.cell**2)) * self.pool.weight.view(-1, 1)).sum(2)
        pooled = pooled + self.pool.bias
        matrix, biased = spatial_mixing(pooled, pooled, self.position.fast(self.window, self.cell), self.heads)
        return torch.baddbmm(biased, query, matrix)

    def keep(self) -> None:
        if self.formulation == "fast":
            self.position.fast(self.window, self.cell)


class ChannelSelfCorrelation(Operator):
    """C-SC with one head."""

    @staticmethod
    def macs(tokens: int, dim: int) -> float:
        return tokens * dim**2 / 2

    def plain(self, x: Tensor) -> Tensor:
        query, value = to_windows(x, self.window).chunk(2, dim=-1)
        return channel_correlation(query, value, value, 1)

    def fast(self, x: Tensor) -> Tensor:
        query, value = to_windows(x, self.window).chunk(2, dim=-1)
        return value @ channel_mixing(query, value, 1)


OPERATORS = {
    "W-SA": WindowSelfAttention,
    "PSA": PermutedSelfAttention,
    "S-SC": SpatialSelfCorrelation,
    "C-SC": ChannelSelfCorrelation,
}


def build(name: str, setting: Setting, window: int, formulation: Formulation) -> Operator:
    """One operator, ready to measure."""
    torch.manual_seed(0)
    operator = OPERATORS[name](setting.dim, setting.heads, window).eval()
    operator.formulation = formulation
    return operator


def measure(windows: list[int], setting: Setting) -> list[dict]:
    """Count, time and weigh every operator at every window, on one map of `setting.map` pixels a side.

    Returns:
        Rows of the long table; `method` is the operator, `input` its window. `operator_formula` and `operator_macs`
        (MACs by the closed form and by fvcore), `operator_latency` (ms, median) and `operator_memory` (MiB above what
        was in use) are per window: those of the map divided by its windows.
    """
    from hitsr.measure.count import by_fvcore  # not needed by the processes that measure memory

    torch.set_num_threads(setting.threads)
    jobs = [(name, window, form) for window in windows for name in OPERATORS for form in FORMULATIONS]
    times, memory = _interleaved(jobs, setting), peaks(jobs, setting)
    rows = []
    for name, window, form in jobs:
        where = {"method": name, "input": f"{window}x{window}", "variant": form}
        count = (setting.map // window) ** 2
        values = {
            "operator_latency": ("ms", statistics.median(times[name, window, form]) / count),
            "operator_memory": ("MiB", memory[name, window, form] / count),
        }
        if form == "plain":
            operator = build(name, setting, window, form)
            with torch.no_grad():
                counted, _ = by_fvcore(operator, _features(operator, setting, torch.device("cpu")))
            values["operator_macs"] = ("MACs", counted.macs / count)
            values["operator_formula"] = ("MACs", operator.macs(window**2, setting.dim))
        rows += [{**where, "quantity": key, "unit": unit, "value": value} for key, (unit, value) in values.items()]
    return rows


@torch.no_grad()
def _interleaved(jobs: list[tuple[str, int, Formulation]], setting: Setting) -> dict[tuple, list[float]]:
    """Milliseconds of each round; in each round every operator runs once, in turn."""
    device = choose_device(setting.device)
    operators = {(name, w, form): build(name, setting, w, form).to(device) for name, w, form in jobs}
    inputs = {key: _features(operator, setting, device) for key, operator in operators.items()}
    times: dict[tuple, list[float]] = {key: [] for key in operators}
    for number in progress(range(-setting.warm_up, setting.repeats), desc="operators, time", unit="round"):
        for key, operator in operators.items():
            elapsed = _milliseconds(operator, inputs[key])
            if number >= 0:
                times[key].append(elapsed)
    return times


def _milliseconds(operator: Operator, x: Tensor) -> float:
    if x.is_cuda:
        torch.cuda.synchronize()
    start = time.perf_counter()
    operator(x)
    if x.is_cuda:
        torch.cuda.synchronize()
    return (time.perf_counter() - start) * 1000


def _features(operator: Operator, setting: Setting, device: torch.device) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(1, setting.map, setting.map, operator.channels, generator=generator).to(device)


def peaks(jobs: list[tuple[str, int, Formulation]], setting: Setting) -> dict[tuple, float]:
    """`peak_memory` of each job in a process of its own, whose allocator has nothing left over from other work."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["hitsr.measure.attention_cost"])
    found = {}
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
        for name, window, form in progress(jobs, desc="operators, memory", unit="operator"):
            try:
                found[name, window, form] = pool.submit(peak_memory, name, window, form, setting).result()
            except BrokenProcessPool as error:
                raise ResultError(
                    f"memory of {name} with {window}x{window} windows could not be measured: the process was killed, "
                    "perhaps for want of memory; leave out the largest of operators.windows"
                ) from error
    return found


@torch.no_grad()
def peak_memory(name: str, window: int, formulation: Formulation, setting: Setting) -> float:
    """MiB that one pass needs beyond weights and features; the highest resident set on a CPU."""
    device = choose_device(setting.device)
    torch.set_num_threads(setting.threads)
    operator = build(name, setting, window, formulation).to(device)
    x = _features(operator, setting, device)
    # loads the kernels and builds what is kept between passes, so that only the pass itself is measured
    small = build(name, setting, BASE_WINDOW, formulation).to(device)
    small(x[:, :BASE_WINDOW, :BASE_WINDOW])
    operator.keep()
    return peak_of(lambda: operator(x), device)
