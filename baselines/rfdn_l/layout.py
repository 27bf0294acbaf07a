"""Names for RFDN-L, of which no file is published: those of the released RFDN (github.com/njulj/RFDN), with the
attention named as in IMDN."""

from hitsr.baselines._parts.fused_chain import renames

RENAMES = [
    *renames("B"),
    (r"\.steps\.(\d)\.distil\.", lambda match: f".c{int(match[1]) + 1}_d."),
    (r"\.steps\.(\d)\.refine\.", lambda match: f".c{int(match[1]) + 1}_r."),
    (r"\.last\.", ".c4."),
    (r"\.fuse\.", ".c5."),
    (r"\.attention\.gate\.", ".cca.conv_du."),
]
SIGNS = {
    "RFDN-L": (r"^B1\.c1_d\.", r"^B1\.cca\."),
    "RFDN with spatial attention": (r"^B1\.c1_d\.", r"^B1\.esa\."),
}
UPSAMPLER = "upsampler.0.weight"
