"""Names in the official files of SwinIR (github.com/JingyunLiang/SwinIR)."""

from hitsr.networks.swin_layout import ATTENTION, LAYER, SHELL, UPSAMPLER

__all__ = ["RENAMES", "SIGNS", "UPSAMPLER"]

RENAMES = [*SHELL, *LAYER, *ATTENTION]
SIGNS = {"SwinIR-Light": (r"\.residual_group\.", r"\.attn\.qkv\.")}
