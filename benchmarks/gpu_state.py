"""What `nvidia-smi` says of the GPU that PyTorch computes on."""

import csv
import subprocess

import torch

FIELDS = (
    "name", "driver_version", "persistence_mode", "power.limit", "power.draw", "temperature.gpu", "clocks.sm",
    "clocks.mem", "clocks.max.sm", "clocks.max.mem", "utilization.gpu", "memory.used",
)  # fmt: skip
"""Power in W, temperature in °C, clocks in MHz, utilization in %, memory in MiB, all processes together."""
ABSENT = ("", "n/a", "[n/a]", "[not supported]", "[unknown error]", "[insufficient permissions]")


def gpu_state(device: torch.device) -> dict[str, str | float | None]:
    """The fields above, numbers as numbers; None for what this driver or GPU does not tell, or without `nvidia-smi`."""
    if device.type != "cuda":
        return dict.fromkeys(FIELDS)
    gpu = f"GPU-{torch.cuda.get_device_properties(device).uuid}"
    values = _query(gpu, FIELDS)
    # one unknown field and nvidia-smi answers none
    return values or {field: (_query(gpu, (field,)) or {field: None})[field] for field in FIELDS}


def _query(gpu: str, fields: tuple[str, ...]) -> dict[str, str | float | None] | None:
    command = ["nvidia-smi", f"--id={gpu}", f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return parsed(answer, fields)


def parsed(answer: str, fields: tuple[str, ...]) -> dict[str, str | float | None] | None:
    """Fields of one line of `nvidia-smi --format=csv,noheader,nounits`; None if it has another number of them."""
    values = next(csv.reader(answer.splitlines(), skipinitialspace=True), [])
    if len(values) != len(fields):
        return None
    return {field: _value(field, value.strip()) for field, value in zip(fields, values, strict=True)}


def _value(field: str, text: str) -> str | float | None:
    if text.lower() in ABSENT:
        return None
    if field in ("name", "driver_version", "persistence_mode"):
        return text
    try:
        return float(text)
    except ValueError:
        return None
