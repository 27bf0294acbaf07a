"""Loops of an ONNX graph, in place of the marks of `hitsr.export.parts`."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hitsr.export.marks import DOMAIN
from hitsr.export.nodes import copies, name_outputs, new_node, only_input
from hitsr.export.parts import BEGIN, COUNT, LOOP

if TYPE_CHECKING:
    from onnx_ir import Graph, Node, Value

UNROLLED = 4
"""Parts up to which each has nodes of its own: a loop copies what goes in and what comes out, and more nodes take a
runtime longer to load."""


@dataclass
class Marked:
    """A loop as it is marked: nodes that take a part, nodes of what is done to it, and nodes that join the parts."""

    begin: list["Node"] = field(default_factory=list)
    body: list["Node"] = field(default_factory=list)
    end: list["Node"] = field(default_factory=list)

    @property
    def given(self) -> list["Value"]:
        """What is cut into parts, `(parts, ...)` each."""
        return [only_input(node) for node in self.begin]

    @property
    def parts(self) -> list["Value"]:
        """A part of each, `(...)`."""
        return [node.outputs[0] for node in self.begin]

    @property
    def made(self) -> list["Value"]:
        """What is made of them, `(...)` each."""
        return [only_input(node) for node in self.end]

    @property
    def joined(self) -> list["Value"]:
        """The same of all parts, `(parts, ...)`."""
        return [node.outputs[0] for node in self.end]

    @property
    def count(self) -> int:
        """Of the parts."""
        return self.end[0].attributes[COUNT].as_int()


def make_loops(graph: "Graph") -> None:
    """Replace the marks by a `Scan`, or where there are few parts by the nodes of each."""
    from onnx_ir.convenience import replace_all_uses_with

    for number, loop in enumerate(_loops(graph)):
        nodes, joined = (_unrolled if loop.count <= UNROLLED else _scan)(graph, loop, f"loop_{number}")
        graph.insert_before(loop.end[0], nodes)
        for old, new in zip(loop.joined, joined, strict=True):
            new.shape, new.type = old.shape, old.type
            replace_all_uses_with(old, new)
        graph.remove([*loop.end, *loop.body, *loop.begin], safe=True)


def _loops(graph: "Graph") -> list[Marked]:
    """All loops that are marked, in the order of the graph."""
    loops: dict[int, Marked] = defaultdict(Marked)
    number_of: dict[Value, int] = {}
    for node in graph:
        if node.domain == DOMAIN:
            number = node.attributes[LOOP].as_int()
            (loops[number].begin if node.op_type == BEGIN else loops[number].end).append(node)
            if node.op_type == BEGIN:
                number_of[node.outputs[0]] = number
            continue
        numbers = {number_of[value] for value in node.inputs if value in number_of}
        if numbers:
            (number,) = numbers
            loops[number].body.append(node)
            number_of.update(dict.fromkeys(node.outputs, number))
    return list(loops.values())


def _scan(graph: "Graph", loop: Marked, name: str) -> tuple[list["Node"], Sequence["Value"]]:
    """One node that loops, and what it makes."""
    import onnx_ir

    parts = [onnx_ir.Value(name=f"{name}.{part.name}", shape=part.shape, type=part.type) for part in loop.parts]
    values = dict(zip(loop.parts, parts, strict=True))
    # OpenVINO gives a loop constants only: what is computed from weights is computed in it
    nodes = copies([*_needed(graph, loop), *loop.body], values, name)
    body = onnx_ir.Graph(parts, [values[made] for made in loop.made], nodes=nodes, name=name)
    attributes = [onnx_ir.AttrInt64("num_scan_inputs", len(parts)), onnx_ir.AttrGraph("body", body)]
    node = onnx_ir.Node("", "Scan", loop.given, attributes, num_outputs=len(loop.made), name=name)
    name_outputs(node, name)
    return [node], node.outputs


def _unrolled(graph: "Graph", loop: Marked, name: str) -> tuple[list["Node"], Sequence["Value"]]:
    """The nodes of every part, and what they make."""
    import onnx_ir

    first = onnx_ir.Value(name=f"{name}.first", const_value=onnx_ir.tensor([0], name=f"{name}.first"))
    graph.register_initializer(first)
    splits = [
        new_node(f"{name}.split_{i}", "Split", [given], loop.count, axis=0, num_outputs=loop.count)
        for i, given in enumerate(loop.given)
    ]
    nodes, made = [*splits], []
    for number in range(loop.count):
        part = f"{name}.part_{number}"
        squeezed = [
            new_node(f"{part}.given_{i}", "Squeeze", [split.outputs[number], first]) for i, split in enumerate(splits)
        ]
        values = dict(zip(loop.parts, (node.outputs[0] for node in squeezed), strict=True))
        body = copies(loop.body, values, part)
        back = [new_node(f"{part}.made_{i}", "Unsqueeze", [values[each], first]) for i, each in enumerate(loop.made)]
        nodes += [*squeezed, *body, *back]
        made.append([node.outputs[0] for node in back])
    joined = [new_node(f"{name}.joined_{i}", "Concat", each, axis=0) for i, each in enumerate(zip(*made, strict=True))]
    return [*nodes, *joined], [node.outputs[0] for node in joined]


def _needed(graph: "Graph", loop: Marked) -> list["Node"]:
    """The nodes before a loop that what it does to a part depends on."""
    inside = {*loop.parts, *(value for node in loop.body for value in node.outputs)}
    values, found = [value for node in loop.body for value in node.inputs if value not in inside], set()
    while values:
        value = values.pop()
        node = value.producer() if value else None
        if node and node not in found:
            found.add(node)
            values += node.inputs
    return [node for node in graph if node in found]
