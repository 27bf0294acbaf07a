"""Names in the official files of SwinIR-NG (github.com/rami0205/NGramSwin)."""

from hitsr.networks.swin_layout import ATTENTION, LAYER, NGRAM_CONTEXT, SHELL, UPSAMPLER

__all__ = ["RENAMES", "SIGNS", "UPSAMPLER"]

RENAMES = [
    *SHELL,
    *LAYER,
    (r"\.mixer\.context\.", ".context."),
    *NGRAM_CONTEXT,
    (r"\.mixer\.attention\.", ".mixer."),
    *ATTENTION,
]
SIGNS = {"SwinIR-NG": (r"\.residual_group\.", r"\.attn\.qkv\.", r"\.ngram_")}
