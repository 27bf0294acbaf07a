"""Count parameters and multiply-adds of a network, by four counters that each leave something out.

One multiply-add (MAC) counts as one; papers print it as "FLOPs". The headline is fvcore on the reference
implementation, which reproduces Table 2 of HiT-SR.
"""

import math
from pathlib import Path

import torch

from hitsr.configuration.steps import CountSettings
from hitsr.measure.count import conventions
from hitsr.measure.count.counters import by_fvcore, by_shapes, by_torch
from hitsr.measure.count.ptflops import by_ptflops_aten, by_ptflops_hooks
from hitsr.measure.memory import within_what_is_left
from hitsr.measure.outputs import naming, try_out
from hitsr.networks.registry import build
from hitsr.results.provenance import Stopwatch
from hitsr.results.records import write_record


def run(step: CountSettings, output: Path) -> None:
    """Count a network and write its measurement file."""
    watch = Stopwatch()
    counted = count(step.network.name, step.scale, step.network.options, step.output, step.ptflops, who=step.method)
    if step.published:
        counted["rows"] += published_size(step.network.name, step.scale, step.output)
    identity = {"kind": "complexity", "method": step.method, "scale": step.scale, "seed": None}
    write_record(output, {**identity, **counted, "provenance": watch.provenance(**step.origin)})


def count(
    network: str, scale: int, options: dict, output: tuple[int, int], ptflops: bool = True, *, who: str = ""
) -> dict:
    """Count network `network` at the low-resolution input of an `output` (width, height) image.

    Args:
        who: what messages call it; its own name if left out.

    Returns:
        `rows`, one per quantity: parameters (all, and frozen among them), MACs by each counter, fvcore's activations
        (output elements of convolutions and matrix products), and what `conventions` adds; and `left_out` by counter.

    Raises:
        ResultError: the network fails or gives no super-resolved image, a counter cannot take it, or memory is short.
    """
    who = f"{who or network} x{scale}"
    with naming(who):
        model = build(network, scale, **options, implementation="reference").eval()
    parameters = sum(p.numel() for p in model.parameters())
    frozen = sum(p.numel() for p in model.parameters() if not p.requires_grad)
    width, height = (math.ceil(side / scale) for side in output)
    image = torch.zeros(1, 3, height, width)
    counts, activations = {}, 0
    with torch.no_grad(), within_what_is_left(image.device):
        try_out(model, image, scale, who)
        with naming(f"{who}, counted by fvcore"):
            counts["fvcore"], activations = by_fvcore(model, image)
        if ptflops:
            with naming(f"{who}, counted by ptflops"):
                counts["ptflops_pytorch"] = by_ptflops_hooks(model, image)
                counts["ptflops_aten"] = by_ptflops_aten(model, image)
        with naming(f"{who}, counted by PyTorch"):
            counts["torch"] = by_torch(model, image)
            others = conventions.rows(model, image, scale, output)
    where = {"input": f"{width}x{height}", "implementation": "reference"}
    rows = [
        {"quantity": "parameters", "unit": "", "value": parameters},
        {"quantity": "parameters_frozen", "unit": "", "value": frozen},
        {**where, "quantity": "activations_fvcore", "unit": "elements", "value": activations},
        *({**where, "quantity": f"macs_{name}", "unit": "MACs", "value": c.macs} for name, c in counts.items()),
        *others,
    ]
    return {"rows": rows, "left_out": {name: c.left_out for name, c in counts.items()}}


def published_size(network: str, scale: int, output: tuple[int, int]) -> list[dict]:
    """Rows of parameters and multiply-adds of a network with its published options, beside a reduced one.

    Counted from shapes alone by fvcore's rules (`by_shapes`), so that a small machine counts full-size networks.
    """
    model = build(network, scale, implementation="reference").eval()
    width, height = (math.ceil(side / scale) for side in output)
    with torch.no_grad():
        macs = by_shapes(model, torch.zeros(1, 3, height, width)).macs
    parameters = sum(p.numel() for p in model.parameters())
    where = {"input": f"{width}x{height}", "implementation": "reference"}
    return [
        {"quantity": "parameters_published_size", "unit": "", "value": parameters},
        {**where, "quantity": "macs_published_size", "unit": "MACs", "value": macs},
    ]
