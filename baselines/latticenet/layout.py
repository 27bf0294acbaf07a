"""Names in the official files of LatticeNet (github.com/ymff0592/super-resolution)."""

RENAMES = [
    (r"^shallow\.(\d)\.", lambda match: f"conv{int(match[1]) + 1}."),
    (r"^blocks\.(\d)\.", lambda match: f"body_unit{int(match[1]) + 1}."),
    (r"^fusions\.(\d)\.late\.", lambda match: f"T_tdm{int(match[1]) + 1}."),
    (r"^fusions\.(\d)\.early\.", lambda match: f"L_tdm{int(match[1]) + 1}."),
    (r"^conv\.", "tail.0."),
    (r"^upsample\.0\.", "tail.1."),
    (r"\.first\.", ".conv_block0."),
    (r"\.first_upper\.", ".fea_ca1."),
    (r"\.first_lower\.", ".x_ca1."),
    (r"\.second\.", ".conv_block1."),
    (r"\.second_upper\.", ".fea_ca2."),
    (r"\.second_lower\.", ".x_ca2."),
    (r"\.of_mean\.", ".conv_mean."),
    (r"\.of_deviation\.", ".conv_std."),
]
SIGNS = {"LatticeNet": (r"^body_unit1\.conv_block0\.",)}
UPSAMPLER = "tail.1.weight"
