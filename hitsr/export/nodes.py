"""Nodes of an ONNX graph, made and copied."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx_ir import Node, Value


def only_input(node: "Node") -> "Value":
    """The input of a node that has one."""
    (value,) = node.inputs
    assert value is not None
    return value


def new_node(name: str, kind: str, inputs: Sequence["Value"], outputs: int = 1, **attributes: int) -> "Node":
    """A node of the operator `kind`, and its outputs, named `name`."""
    import onnx_ir

    given = [onnx_ir.AttrInt64(key, value) for key, value in attributes.items()]
    node = onnx_ir.Node("", kind, inputs, given, num_outputs=outputs, name=name)
    name_outputs(node, name)
    return node


def name_outputs(node: "Node", name: str) -> None:
    """Name the outputs of a node `name.0`, `name.1` and so on."""
    for number, value in enumerate(node.outputs):
        value.name = f"{name}.{number}"


def copies(nodes: Sequence["Node"], values: dict["Value", "Value"], name: str) -> list["Node"]:
    """Copies of nodes that read `values` in place of what these stand for; the outputs of the copies are added."""
    import onnx_ir

    copied = []
    for node in nodes:
        inputs = [value and values.get(value, value) for value in node.inputs]
        attributes = list(node.attributes.values())
        copy = onnx_ir.Node(node.domain, node.op_type, inputs, attributes, num_outputs=len(node.outputs))
        for old, new in zip(node.outputs, copy.outputs, strict=True):
            new.name, new.shape, new.type = f"{name}.{old.name}", old.shape, old.type
            values[old] = new
        copied.append(copy)
    return copied
