"""How far a network is within one image: told by which of its layers is computing."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from torch import nn


@contextmanager
def told(model: nn.Module, passes: int, tell: Callable[[float], None]) -> Iterator[None]:
    """Within it, `tell` is called with the share of the work that is done, from 0 to 1, rising.

    Layers compute in the order in which they were registered, each for the whole image before the next begins, also
    where memory is bounded; what a layer costs is not weighed.

    Args:
        passes: how often the network runs for one image: tiles times orientations.
    """
    leaves = [module for module in model.modules() if not any(module.children())]
    state = {"layer": 0, "passes": 0, "told": 0.0}

    def note(number: int) -> None:
        # back at the beginning: another pass
        if number < state["layer"] // 2:
            state["passes"] += 1
            state["layer"] = 0
        state["layer"] = max(state["layer"], number)
        share = min(1.0, (state["passes"] + state["layer"] / len(leaves)) / passes)
        if share > state["told"]:
            state["told"] = share
            tell(share)

    with ExitStack() as hooks:
        for number, module in enumerate(leaves):
            hook = module.register_forward_hook(lambda *_, number=number: note(number))
            hooks.callback(hook.remove)
        yield
