"""Layers that differ in their weights alone: the first of a kind is traced, the others get copies of its nodes.

PyTorch takes up to two seconds to trace a layer whose sizes are symbols, and a network has dozens of layers, of a few
kinds.
"""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from hitsr.export.marks import DOMAIN, marked
from hitsr.export.nodes import copies, only_input
from hitsr.export.parts import LOOP, new_loop

if TYPE_CHECKING:
    from onnx_ir import Graph, Node, Value

BEGIN, END, COPY = "BeginLayer", "EndLayer", "CopyLayer"
"""The marks: where the nodes of a layer begin and end, and where copies of them go."""
LAYER, FIRST = "layer", "first"
"""Their attributes: the name of the layer, and of the first of its kind."""

_OF_EVERY_MODULE = frozenset(vars(nn.Module()))
"""Attributes in which PyTorch keeps parameters, buffers, modules and hooks."""
_kinds: ContextVar[dict[nn.Module, tuple[str, str]] | None] = ContextVar("kinds", default=None)


@contextlib.contextmanager
def tracing_kinds_of(network: nn.Module, kind: type[nn.Module]) -> Iterator[None]:
    """What is traced meanwhile has one layer of each kind, and marks for the others, if these go by `of_its_kind`.

    Args:
        kind: the class of the layers.
    """
    firsts: dict[str, nn.Module] = {}
    kinds = {}
    for name, layer in network.named_modules():
        if isinstance(layer, kind):
            first = next((first for first, other in firsts.items() if alike(layer, other)), name)
            firsts.setdefault(first, layer)
            kinds[layer] = name, first
    token = _kinds.set(kinds)
    try:
        yield
    finally:
        _kinds.reset(token)


def alike(one: nn.Module, other: nn.Module) -> bool:
    """Whether two modules differ in the values of their parameters and buffers alone."""
    ours, theirs = dict(one.named_modules()), dict(other.named_modules())
    return ours.keys() == theirs.keys() and all(_alike_alone(ours[name], theirs[name]) for name in ours)


def _alike_alone(one: nn.Module, other: nn.Module) -> bool:
    """The same without the modules in them."""
    return type(one) is type(other) and _shapes(one) == _shapes(other) and _equal(_options(one), _options(other))


def _shapes(module: nn.Module) -> dict[str, tuple[torch.Size, torch.dtype]]:
    tensors = [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]
    return {name: (tensor.shape, tensor.dtype) for name, tensor in tensors}


def _options(module: nn.Module) -> dict[str, object]:
    """What a module was made with."""
    return {name: value for name, value in vars(module).items() if name not in _OF_EVERY_MODULE}


def _equal(one: object, other: object) -> bool:
    """Whether two options are equal; other than numbers, texts and what holds them, these must be one object."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_equal, one, other))
    return isinstance(one, int | float | str) and one == other


def of_its_kind(layer: nn.Module, function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """`function(x)`, of the shape of `x`, which what is traced has once for each kind of layer.

    Args:
        function: what the layer does; it depends on its weights, on `x`, and on nothing else that layers differ in.
    """
    kinds = _kinds.get()
    if kinds is None:
        return function(x)
    name, first = kinds[layer]
    if name != first:
        return marked(COPY, x, x.shape, **{LAYER: name, FIRST: first})
    begun = marked(BEGIN, x, x.shape, **{LAYER: name})
    return marked(END, function(begun), x.shape, **{LAYER: name})


@dataclass
class Traced:
    """A layer as it was traced.

    Attributes:
        given, made: what it takes and gives.
        nodes: all that depend on what it takes or on its weights, in their order.
        weights: its initializers, by their names within the layer.
    """

    given: "Value"
    made: "Value"
    nodes: list["Node"]
    weights: dict[str, "Value"]


def copy_layers(graph: "Graph", network: nn.Module) -> None:
    """Replace the marks by copies of nodes.

    Args:
        network: that was traced; it has the weights of the layers that were not.
    """
    from onnx_ir.convenience import replace_all_uses_with

    marks = [node for node in graph if node.domain == DOMAIN and node.op_type in (BEGIN, END, COPY)]
    ends = {_text(node, LAYER): node for node in marks if node.op_type == END}
    traced = {
        _text(node, LAYER): _traced(graph, node, ends[_text(node, LAYER)]) for node in marks if node.op_type == BEGIN
    }
    for mark in marks:
        if mark.op_type == COPY:
            first, name = traced[_text(mark, FIRST)], _text(mark, LAYER)
            nodes, made = _copied(graph, first, only_input(mark), network, name)
            graph.insert_before(mark, nodes)
            replace_all_uses_with(mark.outputs[0], made)
    for mark in marks:
        if mark.op_type != COPY:
            replace_all_uses_with(mark.outputs[0], only_input(mark))
    graph.remove(marks, safe=True)


def _traced(graph: "Graph", begin: "Node", end: "Node") -> Traced:
    prefix = f"{_text(begin, LAYER)}."
    weights = {name.removeprefix(prefix): each for name, each in graph.initializers.items() if name.startswith(prefix)}
    given, made = begin.outputs[0], only_input(end)
    needed, nodes = {made}, []
    for node in reversed(_depending(graph, begin, end, {given, *weights.values()})):
        if any(value in needed for value in node.outputs):
            needed.update(value for value in node.inputs if value)
            nodes.append(node)
    return Traced(given, made, nodes[::-1], weights)


def _depending(graph: "Graph", begin: "Node", end: "Node", values: set["Value"]) -> list["Node"]:
    """The nodes before `end` that depend on `values`, and the loops after `begin`."""
    nodes, begun = [], False
    for node in graph:
        if node is end:
            break
        # a loop is of one layer, also where it goes through what layers have in common, such as masks
        if (begun and node.domain == DOMAIN) or any(value in values for value in node.inputs):
            values.update(node.outputs)
            nodes.append(node)
        begun |= node is begin
    return nodes


def _copied(
    graph: "Graph", first: Traced, given: "Value", network: nn.Module, name: str
) -> tuple[list["Node"], "Value"]:
    """The nodes of the layer `name`, which is like `first`, and what it makes of `given`."""
    import onnx_ir

    layer = network.get_submodule(name)
    tensors = dict([*layer.named_parameters(), *layer.named_buffers()])
    values = {first.given: given}
    for key, weight in first.weights.items():
        full = f"{name}.{key}"
        own = onnx_ir.tensor(tensors[key].numpy(), name=full)
        values[weight] = onnx_ir.Value(name=full, shape=weight.shape, type=weight.type, const_value=own)
        graph.register_initializer(values[weight])
    nodes = copies(first.nodes, values, name)
    loops: dict[int, int] = {}
    for node in nodes:
        if node.domain == DOMAIN:
            number = node.attributes[LOOP].as_int()
            node.attributes[LOOP] = onnx_ir.AttrInt64(LOOP, loops.setdefault(number, new_loop()))
    return nodes, values[first.made]


def _text(mark: "Node", attribute: str) -> str:
    return mark.attributes[attribute].as_string()
