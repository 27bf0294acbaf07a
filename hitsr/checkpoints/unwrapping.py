"""Tensors by name out of what a checkpoint wraps them in, by one rule for all public files:

1. While a file is not tensors by name, that of its `WRAPPINGS` is opened which holds something. Where several do, an
   average of the weights (`AVERAGES`) goes before the weights that it averages; anything else is refused.
2. Prefixes that every name carries (`PREFIXES`) are removed, unless a name is one of the network's already.
3. Counters that a profiler left in the network (`COUNTERS`) are passed over.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from torch import Tensor

from hitsr.errors import CheckpointError

AVERAGES = ("params_ema", "ema")
WRAPPINGS = (*AVERAGES, "params", "state_dict", "model_state_dict", "model", "net_g", "generator")
PREFIXES = ("module.", "_orig_mod.", "generator.", "model.", "net_g.")
COUNTERS = ("total_ops", "total_params")


@dataclass(frozen=True)
class Unwrapped:
    """What was in a checkpoint.

    Attributes:
        tensors: by name.
        steps: what was done to find them, in words.
    """

    tensors: dict[str, Tensor]
    steps: tuple[str, ...]


def unwrap(content: object, names: Collection[str] = ()) -> Unwrapped:
    """Unwrap a checkpoint.

    Args:
        content: what a file holds.
        names: those of the network's own file.

    Raises:
        CheckpointError: no tensors by name, or several sets of weights of which any could be meant.
    """
    steps: list[str] = []
    while isinstance(content, Mapping) and (held := _held(content)):
        key = _choice(held)
        steps.append(f"opened {key!r}" + "".join(f", not {other!r}" for other in held if other != key))
        content = content[key]
    if not isinstance(content, Mapping):
        raise CheckpointError(f"expected tensors by name, found {type(content).__name__}")
    tensors = {str(name): tensor for name, tensor in content.items()}
    counters = [name for name in tensors if name.split(".")[-1] in COUNTERS and name not in names]
    if counters:
        steps.append(f"passed over {len(counters)} counters such as {counters[0]!r}")
        tensors = {name: tensor for name, tensor in tensors.items() if name not in counters}
    wrong = [name for name, tensor in tensors.items() if not isinstance(tensor, Tensor)]
    if wrong or not tensors:
        found = f"{wrong[0]!r}: {type(tensors[wrong[0]]).__name__}" if wrong else "nothing"
        raise CheckpointError(f"expected tensors by name, bare or under one of {', '.join(WRAPPINGS)}; found {found}")
    while prefix := _shared_prefix(tensors, names):
        steps.append(f"removed {prefix!r} from every name")
        tensors = {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
    return Unwrapped(tensors, tuple(steps))


def _held(content: Mapping) -> list[str]:
    return [key for key in WRAPPINGS if isinstance(content.get(key), Mapping) and content[key]]


def _choice(held: list[str]) -> str:
    averages = [key for key in held if key in AVERAGES]
    candidates = averages or held
    if len(candidates) > 1:
        raise CheckpointError(
            f"holds several sets of weights ({', '.join(map(repr, candidates))}), and any could be meant; "
            "save the one that you mean alone"
        )
    return candidates[0]


def _shared_prefix(tensors: Mapping[str, Tensor], names: Collection[str]) -> str | None:
    if any(name in names for name in tensors):
        return None
    return next((prefix for prefix in PREFIXES if all(name.startswith(prefix) for name in tensors)), None)
