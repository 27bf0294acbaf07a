"""A network as an ONNX graph."""

import contextlib
import gc
import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch
from torch import nn

import hitsr
from hitsr.errors import ResultError
from hitsr.export.alike import copy_layers, tracing_kinds_of
from hitsr.export.graph import graph_form, weights_digest
from hitsr.export.layers.backbone import GraphLayer
from hitsr.export.loops import make_loops
from hitsr.export.packages import require
from hitsr.export.parts import cutting
from hitsr.measure.outputs import told
from hitsr.networks.identity import identity

if TYPE_CHECKING:
    import onnx
    import onnx_ir

OPSET = 20
"""Of the operators: layer norms and GELU are one each, and all runtimes of the last years have it."""
INPUT, OUTPUT = "image", "super_resolved"
EXAMPLE = (76, 44)
"""Width and height of the image that a network of open sizes is traced with."""
FOLDED = 2**12
"""Largest number of entries of what is computed at export rather than by the runtime when it loads the graph: the
position bias and the masks take hundreds of times the tables that they are made from."""

Size = tuple[int, int]
"""Width and height of the low-resolution image."""


def onnx_graph(model: nn.Module, size: Size | None, *, parts: bool = True) -> "onnx.ModelProto":
    """The graph of a network, from an image `(1, 3, H, W)` to `(1, 3, s H, s W)`, both in the network's own range.

    Args:
        model: made by `hitsr.build` or `hitsr.load`; it stays as it is.
        size: of the image; None leaves height and width open.
        parts: whether large maps go through layers in parts that fit the caches of a CPU, if the size is given.

    Raises:
        OptionError: a package is missing.
        ResultError: the network cannot be exported.
    """
    require("onnx")
    import onnx_ir

    network = graph_form(model)
    width, height = size or EXAMPLE
    image = torch.zeros(1, 3, height, width)
    sides = None if size else ({2: torch.export.Dim.DYNAMIC, 3: torch.export.Dim.DYNAMIC},)
    try:
        cut = cutting(parts and size is not None)
        kinds = tracing_kinds_of(network, GraphLayer)
        with torch.no_grad(), torch.autocast("cpu", enabled=False), _quiet(), _uncollected(), cut, kinds:
            # guards would refuse sizes for which a map is a single window, and the graph is right for them too
            traced = torch.export.export(
                network,
                (image,),
                dynamic_shapes=sides,
                strict=False,
                prefer_deferred_runtime_asserts_over_guards=True,
            )
            program = torch.onnx.export(
                traced,
                dynamo=True,
                opset_version=OPSET,
                input_names=[INPUT],
                output_names=[OUTPUT],
                optimize=False,
                verbose=False,
            )
            if program is None:
                raise ResultError("PyTorch made no graph of it")
            graph = program.model
            _simplify(graph, network)
    except Exception as error:
        raise ResultError(f"{identity(model).name}: cannot be exported: {told(error)}") from error
    graph.metadata_props.update(facts(model, size))
    graph.graph.name = identity(model).name
    return onnx_ir.to_proto(graph)


def _simplify(graph: "onnx_ir.Model", network: nn.Module) -> None:
    """Compute what does not depend on the image, and make what layers have in common, such as masks, once.

    Runtimes rewrite graphs by patterns themselves. The rewriter of `onnxscript.optimizer.optimize` compares every node
    with every other, which took three quarters of an export.
    """
    from onnx_ir.passes import Sequential, common
    from onnxscript.optimizer import fold_constants

    common.InlinePass()(graph)
    copy_layers(graph.graph, network)
    fold_constants(graph, onnx_shape_inference=True, output_size_limit=FOLDED)
    Sequential(
        common.RemoveUnusedNodesPass(),
        common.RemoveUnusedFunctionsPass(),
        common.LiftConstantsToInitializersPass(lift_all_constants=True, size_limit=0),
        common.DeduplicateInitializersPass(),
        common.CommonSubexpressionEliminationPass(),
        common.RemoveUnusedNodesPass(),
    )(graph)
    make_loops(graph.graph)
    Sequential(
        common.RemoveUnusedNodesPass(),
        common.RemoveUnusedOpsetsPass(),
        # which says where in the source each operation comes from
        common.ClearMetadataAndDocStringPass(),
    )(graph)


def facts(model: nn.Module, size: Size | None) -> dict[str, str]:
    """What an exported file says of the network in it."""
    made = identity(model)
    return {
        "hitsr.version": hitsr.__version__,
        "hitsr.network": made.name,
        "hitsr.scale": str(made.scale),
        "hitsr.options": json.dumps(made.options),
        "hitsr.image_range": f"{made.image_range:g}",
        "hitsr.weights_sha256": weights_digest(model),
        "hitsr.input": f"{size[0]}x{size[1]}" if size else "any",
        "hitsr.opset": str(OPSET),
        "hitsr.precision": "float32",
    }


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Without collecting garbage, of which there is next to none: looking for it takes a tenth of an export."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The exporter tells what it does in hundreds of lines; what it cannot do, it raises."""
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
