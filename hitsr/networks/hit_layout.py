"""Names in the official files of HiT-SR (github.com/XiangZ-0/HiT-SR)."""

from hitsr.baselines.swinir_light.layout import LAYER, SHELL, UPSAMPLER
from hitsr.baselines.swinir_ng.layout import NGRAM_CONTEXT

__all__ = ["RENAMES", "SIGNS", "UPSAMPLER"]

RENAMES = [
    *SHELL,
    *LAYER,
    (r"\.mixer\.features\.spatial\.", ".correlation.qv.conv."),
    (r"\.mixer\.features\.channel\.", ".correlation.qv.linear."),
    (r"\.mixer\.project\.", ".correlation.proj."),
    (r"\.mixer\.pool\.", ".correlation.spatial_linear."),
    (r"\.mixer\.position\.embed\.", ".correlation.pos.pos_proj."),
    (r"\.mixer\.position\.blocks\.0\.", ".correlation.pos.pos1."),
    (r"\.mixer\.position\.blocks\.1\.", ".correlation.pos.pos2."),
    (r"\.mixer\.position\.blocks\.2\.", ".correlation.pos.pos3."),
    (r"\.mixer\.context\.", ".correlation.context."),
    *NGRAM_CONTEXT,
]
SIGNS = {
    "HiT-SIR": (r"\.correlation\.",),
    "HiT-SNG": (r"\.correlation\.", r"\.ngram_"),
    "HiT-SRF": (r"\.correlation\.", r"\.dwconv\."),
}
