"""Names in the official files of SwinIR (github.com/JingyunLiang/SwinIR), which those of several others follow."""

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
RENAMES = [*SHELL, *LAYER, *ATTENTION]
SIGNS = {"SwinIR-Light": (r"\.residual_group\.", r"\.attn\.qkv\.")}
UPSAMPLER = "upsample.0.weight"
