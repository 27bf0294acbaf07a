"""Names in the official files of IMDN (github.com/Zheng222/IMDN)."""

from hitsr.baselines._parts.fused_chain import renames

RENAMES = [
    *renames("IMDB"),
    (r"\.steps\.(\d)\.", lambda match: f".c{int(match[1]) + 1}."),
    (r"\.last\.", ".c4."),
    (r"\.fuse\.", ".c5."),
    (r"\.attention\.gate\.", ".cca.conv_du."),
]
SIGNS = {
    "IMDN": (r"^IMDB1\.c1\.",),
    "IMDN_AS": (r"^IMDB1\.c1\.", r"^fea_conv\.2\."),
    "IMDN_RTE": (r"^fea_conv\.2\.", r"^block1\."),
}
UPSAMPLER = "upsampler.0.weight"
