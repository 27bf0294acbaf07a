"""Names in the official files of ELAN (github.com/xindongzhang/ELAN)."""

RENAMES = [
    (r"^head\.", "head.0."),
    (r"^upsample\.conv\.", "tail.0."),
    (
        r"^body\.(\d+)\.local\.(\d)\.(\d)\.",
        lambda match: f"body.{match[1]}.modules_lfe.lfe_{match[2]}.conv{int(match[3]) // 2}.shift_conv.",
    ),
    (r"\.shift_conv\.taps$", ".shift_conv.weight"),
    (r"\.shift_conv\.conv\.", ".shift_conv.conv1x1."),
    (r"^body\.(\d+)\.attention\.(\d)\.project_in\.", r"body.\1.modules_gmsa.gmsa_\2.project_inp.0."),
    (r"^body\.(\d+)\.attention\.(\d)\.batch_norm\.", r"body.\1.modules_gmsa.gmsa_\2.project_inp.1."),
    (r"^body\.(\d+)\.attention\.(\d)\.project_out\.", r"body.\1.modules_gmsa.gmsa_\2.project_out."),
]
SIGNS = {"ELAN-Light": (r"\.modules_lfe\.",)}
UPSAMPLER = "tail.0.weight"
