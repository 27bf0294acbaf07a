"""Keeping the memory of short-lived tensors instead of giving it back to the system after each."""

from functools import cache

import torch

LARGEST = 32 * 2**20 - 2**16
"""Bytes of the largest block from which glibc learns (its limit is 32 MiB, its own bookkeeping included)."""


@cache
def keep_pages() -> None:
    """Let glibc keep up to 64 MiB of freed memory for the next tensors, for the rest of the process.

    For whoever runs networks (a worker, a training, `hitsr.upscale`), never for a network itself.

    Without it, glibc maps each large tensor anew and returns it to the kernel when freed, and a third of a forward
    pass goes into page faults. It learns from the largest mapped block that it has seen freed, so one block that is
    never touched, and so never takes memory, is enough. Elsewhere than with glibc this does nothing.
    """
    torch.empty(LARGEST, dtype=torch.uint8)
