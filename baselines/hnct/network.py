"""HNCT (Fang et al., "A hybrid network of CNN and transformer for lightweight image super-resolution", CVPRW 2022,
Section 3): blocks of spatial attention, two layers of a Swin transformer, and a convolution."""

from torch import Tensor, nn

from hitsr.baselines._parts.convolution import conv
from hitsr.baselines._parts.fused_chain import FusedChain
from hitsr.baselines._parts.spatial_attention import SMALLEST, EnhancedSpatialAttention
from hitsr.networks.backbone import Layer
from hitsr.networks.blocks.attention import WindowAttention
from hitsr.networks.blocks.checks import check_at_least, check_heads, check_image
from hitsr.networks.blocks.feedforward import MLP
from hitsr.networks.blocks.padding import at_least, pad_end, pad_to_multiple


class SwinTransformer(nn.Module):
    """A norm and two layers, the second with shifted windows, without a residual around them: `(B, dim, H, W)` to the
    same. The map is padded to whole windows by reflection."""

    def __init__(self, dim: int, heads: int, window: int):
        super().__init__()
        self.window = window
        attentions = [WindowAttention(dim, heads, window, shift=shift) for shift in (0, window // 2)]
        self.layers = nn.Sequential(*(Layer(dim, a, MLP(dim, 2 * dim), norm="pre", drop_path=0) for a in attentions))
        self.norm = nn.LayerNorm(dim)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        x = pad_to_multiple(x.permute(0, 2, 3, 1), self.window)  # (B, H', W', dim)
        x = self.layers(self.norm(x))[:, :height, :width]  # (B, H, W, dim)
        return x.permute(0, 3, 1, 2)


class HybridBlock(nn.Module):
    """Hybrid block of CNN and transformer (HBCT), without a residual around it: `(B, dim, H, W)` to the same."""

    def __init__(self, dim: int, heads: int, window: int):
        super().__init__()
        # registered in the order of the official files
        self.conv = conv(dim, dim)
        self.last_attention = EnhancedSpatialAttention(dim, dim // 4, convolutions=3)
        self.first_attention = EnhancedSpatialAttention(dim, dim // 4, convolutions=3)
        self.transformer = SwinTransformer(dim, heads, window)

    def forward(self, x: Tensor) -> Tensor:
        x = self.transformer(self.first_attention(x))
        return self.last_attention(self.conv(x))


class HNCT(FusedChain):
    """HNCT for `scale` 2, 3 or 4: `(B, 3, H, W)` in [0, 1] to `(B, 3, s H, s W)`, any H, W >= 1.

    Images with less than 15 rows or columns, which the published code refuses, are padded to 15 by periodic reflection.

    Args:
        dim: channels of the features.
        blocks: hybrid blocks.
        heads: attention heads.
        window: side of the attention windows.
    """

    image_range = 1.0

    def __init__(self, scale: int, *, dim: int = 50, blocks: int = 4, heads: int = 5, window: int = 8):
        check_heads(dim, heads)
        check_at_least("dim", dim, 4)
        check_at_least("blocks", blocks, 1)
        check_at_least("window", window, 1)
        super().__init__(scale, dim, [HybridBlock(dim, heads, window) for _ in range(blocks)])
        for name, parameter in self.named_parameters():
            if name.endswith("bias_table"):
                nn.init.trunc_normal_(parameter, std=0.02)

    def forward(self, image: Tensor) -> Tensor:
        check_image(image, self.shallow.weight)
        height, width = image.shape[2:]
        # sizes may be symbols of an exported graph, which nothing can branch on
        image = pad_end(pad_end(image, 2, at_least(height, SMALLEST)), 3, at_least(width, SMALLEST))
        return super().forward(image)[..., : self.scale * height, : self.scale * width]
