"""Networks that print, return, raise and end as they should not."""

import ctypes
import os
import signal
import sys
import time

import torch
from torch import nn


class Nearest(nn.Module):
    """A network without any declaration: nearest neighbours, times one parameter."""

    def __init__(self, scale: int, how: str = "well"):
        super().__init__()
        self.scale, self.how = scale, how
        self.gain = nn.Parameter(torch.ones(()))
        self.convolution = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x):
        y = self.gain * x.repeat_interleave(self.scale, 2).repeat_interleave(self.scale, 3)
        return getattr(self, self.how)(x, y)

    def well(self, x, y):
        return y + 0 * self.convolution(y)

    def looking(self, x, y):
        return self.well(x, y) if x.sum().item() < 1e9 else x

    def loud(self, x, y):
        for stream in (sys.stdout, sys.stderr):
            print('{"answer": 0.001}\n' * 100_000, file=stream, flush=True)
        os.write(1, b"[1]\n" * 1000)
        return y

    def several(self, x, y):
        return y, x

    def larger(self, x, y):
        return torch.cat([y, y[:, :, :, :1]], dim=3)

    def nothing(self, x, y):
        return y / 0 - y / 0

    def raising(self, x, y):
        raise KeyError("colours\nof the rainbow")

    def greedy(self, x, y):
        # 4 TiB are on no machine that runs tests
        return y + torch.zeros(2**40).sum()

    def sleeping(self, x, y):
        print("good night", flush=True)
        time.sleep(600)

    def busy(self, x, y):
        while True:
            pass

    def crashing(self, x, y):
        print("to the null pointer", flush=True)
        ctypes.string_at(0)

    def killed(self, x, y):
        print("my time has come", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

    def leaving(self, x, y):
        print("no more of this", file=sys.stderr, flush=True)
        os._exit(3)


class Absent(Nearest):
    """It cannot be made."""

    def __init__(self, scale: int):
        import a_package_that_is_not_there  # noqa: F401
