"""My-Network (who, where, when): what it does, in one sentence."""

from torch import Tensor, nn
from torch.nn import functional as F


class MyNetwork(nn.Module):
    """Image `(B, 3, H, W)` in [0, 1] to `(B, 3, s H, s W)`, for any H, W >= 1.

    Args:
        scale: 2, 3 or 4.
        width: channels of the features.
    """

    def __init__(self, scale: int, *, width: int = 32):
        super().__init__()
        self.scale = scale
        self.shallow = nn.Conv2d(3, width, 3, padding=1)
        self.deep = nn.Conv2d(width, width, 3, padding=1)
        self.upsample = nn.Sequential(nn.Conv2d(width, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale))

    def forward(self, image: Tensor) -> Tensor:
        shallow = self.shallow(image)  # (B, width, H, W)
        deep = self.deep(F.relu(shallow)) + shallow
        interpolated = F.interpolate(image, scale_factor=self.scale, mode="bilinear", align_corners=False)
        return self.upsample(deep) + interpolated  # (B, 3, s H, s W)
