"""How the official files of EDSR (github.com/sanghyun-son/EDSR-PyTorch) are recognised; the names are the same."""

SIGNS = {"EDSR-B": (r"^body\.0\.body\.0\.", r"^tail\.0\.0\.", r"^tail\.1\.")}
UPSAMPLER = ("tail.0.0.weight", "tail.0.2.weight")
