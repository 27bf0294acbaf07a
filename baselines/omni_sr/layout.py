"""Names in the official files of Omni-SR (github.com/Francis0625/Omni-SR)."""

NUMBERS = (0, 2, 4, 5, 6, 8, 10, 11, 12)
"""Of the layers of a group; official code counts rearrangements without parameters too."""

RENAMES = [
    (r"^shallow\.", "input."),
    (r"^conv\.", "output."),
    (r"^upsample\.", "up."),
    (r"^groups\.(\d+)\.conv\.", r"residual_layer.\1.residual_layer.1."),
    (r"^groups\.(\d+)\.attention\.", r"residual_layer.\1.esa."),
    (
        r"^groups\.(\d+)\.layers\.(\d+)\.",
        lambda match: f"residual_layer.{match[1]}.residual_layer.0.layer.{NUMBERS[int(match[2])]}.",
    ),
    (r"\.esa\.reduce\.", ".esa.conv1."),
    (r"\.esa\.skip\.", ".esa.conv_f."),
    (r"\.esa\.stride\.", ".esa.conv2."),
    (r"\.esa\.others\.0\.", ".esa.conv3."),
    (r"\.esa\.expand\.", ".esa.conv4."),
    (r"\.function\.4\.gate\.0\.", ".function.4.gate.1."),
    (r"\.function\.4\.gate\.2\.", ".function.4.gate.3."),
    (r"\.layer\.(2|8)\.function\.qkv\.", r".layer.\1.function.to_qkv."),
    (r"\.layer\.(2|8)\.function\.project\.", r".layer.\1.function.to_out.0."),
    (r"\.bias_table\.", ".rel_pos_bias."),
    (r"\.function\.expand\.", ".function.project_in."),
    (r"\.function\.reduce\.", ".function.project_out."),
    (r"\.layer\.(5|11)\.function\.depthwise\.", r".layer.\1.function.qkv_dwconv."),
    (r"\.function\.depthwise\.", ".function.dwconv."),
    (r"\.function\.project\.", ".function.project_out."),
    (r"\.function\.", ".fn."),
]
SIGNS = {"Omni-SR": (r"^residual_layer\.0\.residual_layer\.",)}
UPSAMPLER = "up.0.weight"
