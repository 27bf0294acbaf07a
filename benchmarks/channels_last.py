"""What networks of convolutions gain from maps channels-last on a CPU: CPU seconds in one process, interleaved.

    python benchmarks/channels_last.py                          all of them, x4, LR 160x90, one thread
    python benchmarks/channels_last.py IMDN CARN --input 320x180 --rounds 9

The reference implementation gets its image in either memory format, and all maps follow. The ratio is the median over
rounds of channels-last time over contiguous time: below 1 it is faster. CPU seconds are compared and not those of the
clock, so that other work on the machine matters little.
"""

import argparse
import statistics
import time

import torch
from torch import Tensor, nn

from hitsr.networks.registry import build

NETWORKS = ("EDSR-B", "CARN", "IMDN", "LatticeNet", "RFDN-L", "SRPN-Lite", "FMEN", "HNCT", "Omni-SR")


def seconds(model: nn.Module, image: Tensor) -> float:
    """CPU seconds of one pass."""
    start = time.process_time()
    model(image)
    return time.process_time() - start


@torch.inference_mode()
def ratio(name: str, scale: int, size: tuple[int, int], rounds: int) -> tuple[float, float, float]:
    """Median CPU seconds of contiguous memory, ratio of channels-last to it, and largest difference of the images."""
    model = build(name, scale, implementation="reference").eval()
    image = torch.rand(1, 3, size[1], size[0])
    other = image.contiguous(memory_format=torch.channels_last)
    difference = float((model(image) - model(other)).abs().max())
    pairs = [(seconds(model, image), seconds(model, other)) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b / a for a, b in pairs), difference


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "networks", nargs="*", default=NETWORKS, metavar="NETWORK", help="networks (default: %(default)s)"
    )
    parser.add_argument("--scale", type=int, default=4, help="scale factor (default: %(default)s)")
    parser.add_argument("--input", default="160x90", help="width and height of the input (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds (default: %(default)s)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    width, height = map(int, arguments.input.split("x"))
    print(f"{'network':<12} contiguous (CPU s)  channels-last / contiguous  largest difference")
    for name in arguments.networks:
        base, found, difference = ratio(name, arguments.scale, (width, height), arguments.rounds)
        print(f"{name:<12} {base:18.3f}  {found:26.2f}  {difference:18.1e}", flush=True)


if __name__ == "__main__":
    main()
