"""How files of SRPN-Lite (github.com/MingSun-Tse/SRP) are recognised; the names are the same."""

SIGNS = {"SRPN-Lite": (r"^body\.0\.body\.0\.", r"^tail\.0\.0\.")}
UPSAMPLER = "tail.0.0.weight"
