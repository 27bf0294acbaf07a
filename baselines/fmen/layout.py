"""Names in the official files of FMEN's form for inference (github.com/NJU-Jet/FMEN, test_fmen.py)."""

RENAMES = [
    (r"^shallow\.", "head."),
    (r"^warm_up\.", "warmup."),
    (r"^residual\.(\d+)\.0\.", r"ERBs.\1.conv1.rep_conv."),
    (r"^residual\.(\d+)\.2\.", r"ERBs.\1.conv2.rep_conv."),
    (r"^attention\.", "HFABs."),
    (r"^conv\.", "lr_conv."),
    (r"^upsample\.", "tail."),
    (r"\.blocks\.(\d+)\.0\.", r".convs.\1.conv1.rep_conv."),
    (r"\.blocks\.(\d+)\.2\.", r".convs.\1.conv2.rep_conv."),
    (r"\.excite\.", ".excitate."),
]
SIGNS = {
    "FMEN": (r"^HFABs\.", r"\.rep_conv\."),
    "FMEN in its form for training": (r"^HFABs\.", r"\.expand_conv\."),
}
UPSAMPLER = "tail.0.weight"
