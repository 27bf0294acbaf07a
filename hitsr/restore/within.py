"""How far a network is within one image: told by which of its layers is computing."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from torch import nn


@contextmanager
def told(model: nn.Module, passes: int, tell: Callable[[float], None]) -> Iterator[None]:
    """Within it, `tell` is called with the share of the work that is done, from 0 to 1, rising.

    Layers compute in the order in which they were registered, each for the whole image before the next begins, also
    where memory is bounded; what a layer costs is not weighed. Of a graph in a runtime, whole passes are seen.

    Args:
        passes: how often the network runs for one image: tiles times orientations.
    """
    leaves = [module for module in model.modules() if module is not model and not any(module.children())]
    state = {"layer": 0, "passes": 0, "told": 0.0}

    def note(layer: int) -> None:
        state["layer"] = max(state["layer"], layer)
        share = min(1.0, (state["passes"] + state["layer"] / max(1, len(leaves))) / passes)
        if share > state["told"]:
            state["told"] = share
            tell(share)

    def another_pass() -> None:
        state["passes"] += 1
        state["layer"] = 0
        note(0)

    with ExitStack() as hooks:
        for number, module in enumerate(leaves):
            hook = module.register_forward_hook(lambda *_, number=number: note(number))
            hooks.callback(hook.remove)
        hooks.callback(model.register_forward_hook(lambda *_: another_pass()).remove)
        yield
