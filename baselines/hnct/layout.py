"""Names in the official files of HNCT (github.com/lhjthp/HNCT)."""

from hitsr.baselines._parts.fused_chain import renames

RENAMES = [
    *renames("B"),
    (r"\.conv\.", ".c1_r."),
    (r"\.last_attention\.", ".esa."),
    (r"\.first_attention\.", ".esa2."),
    (r"\.(esa2?)\.reduce\.", r".\1.conv1."),
    (r"\.(esa2?)\.skip\.", r".\1.conv_f."),
    (r"\.(esa2?)\.first\.0\.", r".\1.conv_max."),
    (r"\.(esa2?)\.stride\.", r".\1.conv2."),
    (r"\.(esa2?)\.others\.0\.", r".\1.conv3."),
    (r"\.(esa2?)\.others\.2\.", r".\1.conv3_."),
    (r"\.(esa2?)\.expand\.", r".\1.conv4."),
    (r"\.transformer\.norm\.", ".swinT.transformer_body.0.patch_embed.norm."),
    (r"\.transformer\.layers\.(\d)\.", r".swinT.transformer_body.0.blocks.\1."),
    (r"\.mixer_norm\.", ".norm1."),
    (r"\.feedforward_norm\.", ".norm2."),
    (r"\.feedforward\.expand\.", ".mlp.fc1."),
    (r"\.feedforward\.reduce\.", ".mlp.fc2."),
    (r"\.mixer\.bias_table", ".attn.relative_position_bias_table"),
    (r"\.mixer\.project\.", ".attn.proj."),
    (r"\.mixer\.", ".attn."),
]
SIGNS = {"HNCT": (r"^B1\.swinT\.",)}
UPSAMPLER = "upsampler.0.weight"
