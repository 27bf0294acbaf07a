"""The mean colour of DIV2K, as the 1x1 convolution that published weights hold."""

import torch
from torch import nn

from hitsr.networks.backbone import RGB_MEAN


class MeanShift(nn.Conv2d):
    """Add the mean colour times `factor`: an image `(B, 3, H, W)` to the same.

    Args:
        factor: minus or plus the white of the images.
        trainable: these are parameters like others; else they stay as they are.
    """

    def __init__(self, factor: float, trainable: bool = False):
        super().__init__(3, 3, 1)
        self.weight = nn.Parameter(torch.eye(3)[:, :, None, None])
        self.bias = nn.Parameter(factor * torch.tensor(RGB_MEAN))
        self.requires_grad_(trainable)
