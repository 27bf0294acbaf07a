"""torch.compile, for the one size of the image; each block by itself where a network repeats one.

A network of 24 equal layers as one graph takes minutes to compile, and its layers a fraction of that. A network that
would work in bands works on whole maps, so that its layers are called as such.
"""

import shutil
from collections import Counter

import torch
from torch import Tensor, nn
from torch._dynamo.utils import counters

from hitsr.errors import ResultError
from hitsr.measure.time.backends import Prepared
from hitsr.optimized.streaming.network import in_one_piece

MOST = 2 / 3
"""Part of the parameters that the repeated block has to hold."""
COMPILER = "inductor"
"""What torch.compile hands its graphs to."""
LIMIT = 256
"""Graphs that one function may be compiled to: more than layers of any network."""


def available(device: torch.device) -> str | None:
    """Where code can be compiled: a CPU needs a C++ compiler, CUDA needs Triton."""
    if device.type == "cpu":
        return None if any(map(shutil.which, ("g++", "clang++", "c++"))) else "no C++ compiler (install g++)"
    try:
        import triton  # noqa: F401
    except ImportError:
        return "the package triton is missing"
    return None


def prepare(network: nn.Module, example: Tensor) -> Prepared:
    """Compile and run once."""
    torch.compiler.reset()
    counters.clear()
    in_one_piece(network)
    blocks = repeated_blocks(network)
    for block in blocks:
        block.compile(dynamic=False, backend=COMPILER)
    with torch._dynamo.config.patch(recompile_limit=LIMIT, fail_on_recompile_limit_hit=True):
        if blocks:
            network(example)
        # blocks whose parts are called instead of themselves are not compiled
        if not counters["stats"]["unique_graphs"]:
            blocks = []
            network.compile(dynamic=False, backend=COMPILER)
            network(example)
    graphs = counters["stats"]["unique_graphs"]
    if not graphs:
        raise ResultError("torch.compile found nothing that it could compile")
    facts: dict[str, object] = {
        "blocks": len(blocks),
        "graphs": graphs,
        "breaks": sum(counters["graph_break"].values()),
        # of an earlier process on the same machine: what the preparation took is then no time of compiling
        "from_cache": counters["inductor"]["fxgraph_cache_hit"],
    }
    return Prepared(network, facts)


def repeated_blocks(network: nn.Module) -> list[nn.Module]:
    """The block that a network repeats most often and that holds most of its parameters; empty if there is none."""
    total = sum(p.numel() for p in network.parameters())
    composed = [module for module in network.modules() if module is not network and any(module.children())]
    own = [module for module in composed if not type(module).__module__.startswith("torch.")]
    for kind, count in Counter(map(type, own)).most_common():
        blocks = [module for module in own if type(module) is kind]
        held = {id(p): p.numel() for block in blocks for p in block.parameters()}
        if count > 1 and sum(held.values()) >= MOST * total:
            return blocks
    return []
