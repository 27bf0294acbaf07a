"""Timing of forward passes on a GPU, by CUDA events; on a CPU the same by the clock, to try the scripts out.

A pass is a function without arguments that super-resolves the image. Every row has the same keys:

    median_ms, p10_ms, p90_ms    of the timed rounds
    peak_memory_mib              of one pass beyond weights and image; None on a CPU and for a CUDA graph, which holds
                                 its memory all the time
    eager_median_ms              of modes other than eager: the network as it is, in turn with them
    max_difference               of modes other than eager: the largest difference of the output from eager's
    graph_breaks                 of torch.compile: places where it gave up and went on in Python
    error                        why there are no figures, such as out of memory
"""

import gc
from collections.abc import Callable
from time import perf_counter

import numpy as np
import torch
from torch import Tensor, nn
from torch._dynamo.utils import counters

import hitsr
from hitsr.measure.time.rounds import Contestant, Setting
from hitsr.precision import computing_in
from hitsr.progress import progress

Pass = Callable[[], Tensor]

CAPTURE_WARM_UP = 3
"""Passes on a side stream before a CUDA graph is captured, as PyTorch asks for."""
RECOMPILE_LIMIT = 256
"""More than layers of any network: each layer may be compiled for itself."""


def together(contestants: list[Contestant], setting: Setting, size: tuple[int, int], precision: str) -> list[dict]:
    """Rows of all `contestants`, as they are, in interleaved rounds at a low-resolution input of `size`."""
    image = random_image(size, setting)
    rows = [new_row(contestant, setting, size, precision, "eager") for contestant in contestants]
    passes: list[Pass | None] = []
    title = f"x{setting.scale} {precision}"
    for contestant, row in progress(list(zip(contestants, rows, strict=True)), desc=f"{title} memory", unit="network"):
        once = as_it_is(fresh(contestant, setting), image, precision)
        try:
            row["peak_memory_mib"] = peak_memory(once, image.device)
        except torch.OutOfMemoryError as error:
            row["error"], once = message(error), None
        passes.append(once)
        release(image.device)
    run_rounds(passes, rows, setting, title)
    # the networks have to be gone before memory is handed back
    passes.clear()
    del once
    release(image.device)
    return rows


def beside_eager(
    contestant: Contestant, modes: list[str], setting: Setting, size: tuple[int, int], precision: str
) -> list[dict]:
    """Rows of one network in other `modes`, in interleaved rounds with the network as it is."""
    image = random_image(size, setting)
    model = fresh(contestant, setting)
    eager = as_it_is(model, image, precision)
    rows = [new_row(contestant, setting, size, precision, mode) for mode in ("eager", *modes)]
    passes: list[Pass | None] = [eager, *[None for _ in modes]]
    for place, row in enumerate(rows):
        try:
            if row["mode"] == "compile":
                passes[place] = compiled(model, image, precision, row)
                row["peak_memory_mib"] = peak_memory(passes[place], image.device)
            elif row["mode"] == "cuda-graphs":
                passes[place] = captured(eager, image.device)
            row["max_difference"] = (passes[place]().float() - eager().float()).abs().max().item()
        # whatever compilation or capture stumbles over belongs into the row
        except Exception as error:
            row["error"], passes[place] = message(error), None
        release(image.device)
    run_rounds(passes, rows, setting, title=None)
    for row in rows[1:]:
        row["eager_median_ms"] = rows[0]["median_ms"]
    del model, eager
    passes.clear()
    torch.compiler.reset()
    release(image.device)
    return rows[1:]


def new_row(contestant: Contestant, setting: Setting, size: tuple[int, int], precision: str, mode: str) -> dict:
    """A row without figures."""
    where = {"method": contestant.method, "formulation": contestant.formulation, "precision": precision, "mode": mode}
    figures = ("median_ms", "p10_ms", "p90_ms", "peak_memory_mib", "eager_median_ms", "max_difference", "graph_breaks")
    return {**where, "scale": setting.scale, "input": "{}x{}".format(*size), **dict.fromkeys(figures), "error": None}


def fresh(contestant: Contestant, setting: Setting) -> nn.Module:
    """The network with weights that are random, and the same every time."""
    torch.manual_seed(0)
    options = {**contestant.options, "formulation": contestant.formulation}
    return hitsr.build(contestant.network, setting.scale, **options).eval().to(setting.device)


def random_image(size: tuple[int, int], setting: Setting) -> Tensor:
    """`(1, 3, H, W)` in [0, 1]."""
    width, height = size
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0)).to(setting.device)


def as_it_is(model: Callable[[Tensor], Tensor], image: Tensor, precision: str) -> Pass:
    """A pass of the network as Python runs it."""

    # the precision belongs into the pass: what autocast keeps for its block must not outlive a captured graph
    @torch.no_grad()
    def once() -> Tensor:
        with computing_in(precision, image.device):
            return model(image)

    return once


def compiled(model: nn.Module, image: Tensor, precision: str, row: dict) -> Pass:
    """A pass by torch.compile; compiles at once, and fails rather than go on without."""
    torch.compiler.reset()
    counters.clear()
    once = as_it_is(torch.compile(model, dynamic=False), image, precision)
    with torch._dynamo.config.patch(recompile_limit=RECOMPILE_LIMIT, fail_on_recompile_limit_hit=True):
        once()
    row["graph_breaks"] = sum(counters["graph_break"].values())
    return once


def captured(once: Pass, device: torch.device) -> Pass:
    """A pass replayed from a CUDA graph, on the image that it was captured with.

    Raises:
        RuntimeError: the pass does what cannot be captured, such as waiting for the GPU; or there is no GPU.
    """
    if device.type != "cuda":
        raise RuntimeError("CUDA graphs need a CUDA device")
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(CAPTURE_WARM_UP):
            once()
    torch.cuda.current_stream().wait_stream(stream)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        output = once()

    def replay() -> Tensor:
        graph.replay()
        return output

    return replay


def peak_memory(once: Pass, device: torch.device) -> float | None:
    """MiB that a pass allocates at most, beyond what is there before it; None on a CPU."""
    # loads kernels, and builds what networks keep between passes
    once()
    if device.type != "cuda":
        return None
    release(device)
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    once()
    torch.cuda.synchronize()
    return (torch.cuda.max_memory_allocated() - before) / 2**20


def run_rounds(passes: list[Pass | None], rows: list[dict], setting: Setting, title: str | None) -> None:
    """Time the passes in turn, and enter the figures into their rows; a pass that runs out of memory drops out."""
    times: list[list[float]] = [[] for _ in passes]
    rounds = range(-setting.warm_up, setting.repeats)
    for number in progress(rounds, desc=f"{title} time", unit="round", disable=title is None):
        for place, once in enumerate(passes):
            if once is None:
                continue
            try:
                elapsed = milliseconds(once, setting.device)
            except torch.OutOfMemoryError as error:
                rows[place]["error"], passes[place] = message(error), None
                continue
            if number >= 0:
                times[place].append(elapsed)
    for once, row, own in zip(passes, rows, times, strict=True):
        if once is not None:
            row["p10_ms"], row["median_ms"], row["p90_ms"] = np.percentile(own, (10, 50, 90)).tolist()


def milliseconds(once: Pass, device: str) -> float:
    """Time of one pass, from an idle GPU to an idle GPU."""
    if device == "cuda":
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        torch.cuda.synchronize()
        start.record()
        once()
        end.record()
        torch.cuda.synchronize()
        return start.elapsed_time(end)
    begun = perf_counter()
    once()
    return (perf_counter() - begun) * 1000


def release(device: torch.device) -> None:
    """Free what nothing refers to any more, and hand the memory back to the GPU."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.synchronize()
        torch.cuda.empty_cache()


def message(error: Exception) -> str:
    """Kind and first line of an error."""
    if isinstance(error, torch.OutOfMemoryError):
        return f"out of memory: {str(error).splitlines()[0]}"
    return f"{type(error).__name__}: {next(iter(str(error).strip().splitlines()), '')}"
