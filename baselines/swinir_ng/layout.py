"""Names in the official files of SwinIR-NG (github.com/rami0205/NGramSwin)."""

from hitsr.baselines.swinir_light.layout import ATTENTION, LAYER, SHELL, UPSAMPLER

__all__ = ["NGRAM_CONTEXT", "RENAMES", "SIGNS", "UPSAMPLER"]

NGRAM_CONTEXT = [
    (r"\.context\.unigram\.", ".ngram_window_partition.ngram_context.unigram_embed."),
    (
        r"\.context\.attention\.bias_table",
        ".ngram_window_partition.ngram_context.ngram_attn.relative_position_bias_table",
    ),
    (r"\.context\.attention\.project\.", ".ngram_window_partition.ngram_context.ngram_attn.proj."),
    (r"\.context\.attention\.", ".ngram_window_partition.ngram_context.ngram_attn."),
    (r"\.context\.merge\.", ".ngram_window_partition.ngram_context.merge."),
]
RENAMES = [
    *SHELL,
    *LAYER,
    (r"\.mixer\.context\.", ".context."),
    *NGRAM_CONTEXT,
    (r"\.mixer\.attention\.", ".mixer."),
    *ATTENTION,
]
SIGNS = {"SwinIR-NG": (r"\.residual_group\.", r"\.attn\.qkv\.", r"\.ngram_")}
