"""SwinIR-Light (Liang et al., ICCVW 2021): shifted 8x8 window self-attention."""

from collections.abc import Sequence

from torch import nn

from hitsr.networks.backbone import Backbone
from hitsr.networks.blocks.attention import WindowAttention
from hitsr.networks.blocks.checks import check_hidden
from hitsr.networks.blocks.feedforward import MLP


class SwinIRLight(Backbone):
    """SwinIR-Light for `scale` 2, 3 or 4: `(B, 3, H, W)` in [0, 1] to `(B, 3, s H, s W)`, any H, W >= 1.

    The image is padded to whole windows by periodic reflection.

    Args:
        dim: channels of the features.
        depths: layers of each residual group.
        heads: attention heads.
        window: side of the windows; every second layer shifts them by half.
        ffn_ratio: hidden channels of the feed-forward, in `dim`.
        drop_path: stochastic depth at the last layer, growing linearly from 0 (official: 0.1).

    Raises:
        OptionError: an option that does not fit, with the valid choices.
    """

    feedforward = MLP

    def __init__(
        self,
        scale: int,
        *,
        dim: int = 60,
        depths: Sequence[int] = (6, 6, 6, 6),
        heads: int = 6,
        window: int = 8,
        ffn_ratio: float = 2,
        drop_path: float = 0.1,
    ):
        super().__init__(
            scale,
            dim=dim,
            depths=depths,
            mixer=lambda layer: self.mixer(dim, heads, window, shift=layer % 2 * (window // 2)),
            feedforward=lambda: self.feedforward(dim, check_hidden(dim, ffn_ratio)),
            norm="pre",
            pad=window,
            drop_path=drop_path,
        )

    @staticmethod
    def mixer(dim: int, heads: int, window: int, *, shift: int) -> nn.Module:
        return WindowAttention(dim, heads, window, shift=shift)
