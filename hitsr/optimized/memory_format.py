"""Maps pixel by pixel, as oneDNN computes convolutions of a multiple of 16 channels fastest."""

import torch
from torch import Tensor

from hitsr.networks.blocks.memory_format import MemoryFormat


class ChannelsLast(MemoryFormat):
    """The same map channels-last on a CPU; convolutions, activations, sums and pixel shuffles keep it so."""

    def forward(self, x: Tensor) -> Tensor:
        return x.contiguous(memory_format=torch.channels_last) if x.device.type == "cpu" else x
