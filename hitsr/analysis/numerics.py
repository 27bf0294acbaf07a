"""Number formats that a timing was computed in, for captions: on a GPU "float32" may mean TF32 products."""

from hitsr.analysis.measurements import record

FLAGS = {
    "matmul_tf32": "TF32 products",
    "cudnn_tf32": "TF32 convolutions",
    "cudnn_benchmark": "cuDNN benchmark",
    "cudnn_deterministic": "cuDNN deterministic",
}


def numerics(file: str) -> list[str]:
    """The flags of a measurement file that change rounding or kernels, in words; empty on a CPU, which has none."""
    flags = record(file)["provenance"].get("numerics") or {}
    return [f"{words} {'on' if flags[name] else 'off'}" for name, words in FLAGS.items() if name in flags]
