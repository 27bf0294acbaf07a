"""Names in the official files of SwinIR (github.com/JingyunLiang/SwinIR), which those of HiT-SR and others follow."""

SHELL = [
    (r"^shallow\.", "conv_first."),
    (r"^embed_norm\.", "patch_embed.norm."),
    (r"^conv\.", "conv_after_body."),
    (r"^upsample\.conv\.", "upsample.0."),
    (r"^groups\.(\d+)\.conv\.", r"layers.\1.conv."),
    (r"^groups\.(\d+)\.layers\.(\d+)\.", r"layers.\1.residual_group.blocks.\2."),
]
LAYER = [
    (r"\.mixer_norm\.", ".norm1."),
    (r"\.feedforward_norm\.", ".norm2."),
    (r"\.feedforward\.expand\.", ".mlp.fc1."),
    (r"\.feedforward\.depthwise\.", ".mlp.dwconv.depthwise_conv.0."),
    (r"\.feedforward\.reduce\.", ".mlp.fc2."),
]
ATTENTION = [
    (r"\.mixer\.bias_table", ".attn.relative_position_bias_table"),
    (r"\.mixer\.project\.", ".attn.proj."),
    (r"\.mixer\.", ".attn."),
]
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
"""Of SwinIR-NG (github.com/rami0205/NGramSwin) and HiT-SNG."""
UPSAMPLER = "upsample.0.weight"
