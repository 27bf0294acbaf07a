"""Names in the official files of IMDN (github.com/Zheng222/IMDN)."""

from hitsr.baselines._parts.fused_chain import renames

RENAMES = [
    *renames("IMDB"),
    (r"\.steps\.(\d)\.", lambda match: f".c{int(match[1]) + 1}."),
    (r"\.last\.", ".c4."),
    (r"\.fuse\.", ".c5."),
    (r"\.attention\.gate\.", ".cca.conv_du."),
]
