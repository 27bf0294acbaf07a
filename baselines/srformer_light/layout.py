"""Names in the official files of SRFormer (github.com/HVision-NKU/SRFormer)."""

from hitsr.baselines.swinir_light.layout import ATTENTION, LAYER, SHELL, UPSAMPLER

__all__ = ["RENAMES", "SIGNS", "UPSAMPLER"]

RENAMES = [*SHELL, *LAYER, *ATTENTION]
SIGNS = {"SRFormer-Light": (r"\.residual_group\.", r"\.attn\.kv\.")}
