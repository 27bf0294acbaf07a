"""Contrast-aware channel attention (Hui et al., "Lightweight image super-resolution with information multi-distillation
network", ACM MM 2019, Section 3.3)."""

from torch import Tensor, nn
from torch.nn import functional as F

from hitsr.baselines._parts.convolution import conv


class ContrastAttention(nn.Module):
    """Weigh each channel by its mean and standard deviation over the map: `(B, dim, H, W)` to the same."""

    def __init__(self, dim: int, reduction: int):
        super().__init__()
        hidden = dim // reduction
        self.gate = nn.Sequential(conv(dim, hidden, 1), nn.ReLU(), conv(hidden, dim, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        mean = F.adaptive_avg_pool2d(x, 1)  # (B, dim, 1, 1)
        # divided by H W, and without an epsilon: torch.std has gradient 0, not NaN, where a channel is constant
        contrast = x.std(dim=(2, 3), correction=0, keepdim=True)  # (B, dim, 1, 1)
        return x * self.gate(contrast + mean)
