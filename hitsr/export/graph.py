"""A network in the form that is exported."""

import copy
import hashlib

import torch
from torch import nn

from hitsr.errors import ResultError
from hitsr.export.layers.attention import GraphPermutedAttention, GraphWindowAttention, GraphWindows
from hitsr.export.layers.backbone import GraphGroup, GraphLayer
from hitsr.export.layers.convolution import GraphConv1x1
from hitsr.export.layers.correlation import GraphCorrelation
from hitsr.export.layers.features import GraphFeatureExtraction
from hitsr.export.layers.ngram import GraphNGramAttention, GraphNGramContext
from hitsr.export.layers.position import GraphPositionBias
from hitsr.export.once import Once
from hitsr.networks.backbone import Layer, ResidualGroup
from hitsr.networks.blocks.attention import PermutedAttention, WindowAttention
from hitsr.networks.blocks.convolution import Conv1x1
from hitsr.networks.blocks.correlation import SpatialChannelCorrelation
from hitsr.networks.blocks.features import FeatureExtraction
from hitsr.networks.blocks.ngram import NGramAttention, NGramContext
from hitsr.networks.blocks.position import DynamicPositionBias
from hitsr.optimized.checkpointing import CheckpointedLayer
from hitsr.optimized.fixed_size import has_fixed_size
from hitsr.optimized.replacement import REPLACEMENTS, restore

GRAPH: dict[type[nn.Module], type[nn.Module]] = {
    CheckpointedLayer: GraphLayer,
    Conv1x1: GraphConv1x1,
    DynamicPositionBias: GraphPositionBias,
    FeatureExtraction: GraphFeatureExtraction,
    Layer: GraphLayer,
    NGramAttention: GraphNGramAttention,
    NGramContext: GraphNGramContext,
    PermutedAttention: GraphPermutedAttention,
    ResidualGroup: GraphGroup,
    SpatialChannelCorrelation: GraphCorrelation,
    WindowAttention: GraphWindowAttention,
}
"""The class of each layer that has another form in a graph. It has the same parameters."""


def graph_form(model: nn.Module) -> nn.Module:
    """A copy of a network, in evaluation, of the layers of `hitsr.export.layers`; weights are constants.

    Args:
        model: made by `hitsr.build` or `hitsr.load`, in either implementation; it stays as it is.
    """
    copied = restore(copy.deepcopy(model)).cpu().float().eval().requires_grad_(False)
    once = Once()
    once.forget_before_passes_of(copied)
    for module in copied.modules():
        module.__class__ = GRAPH.get(type(module), type(module))
        if isinstance(module, GraphCorrelation | GraphNGramContext | GraphWindows):
            module.once = once
    # a back-end that computes in bfloat16 is prepared under autocast, and what is made here are constants of the graph
    with torch.autocast("cpu", enabled=False):
        for module in copied.modules():
            if isinstance(module, GraphLayer):
                # for training, and the only option that grows from layer to layer
                module.drop_path.rate = 0.0
                module.centre()
            elif isinstance(module, GraphNGramAttention):
                module.gather()
            elif isinstance(module, GraphCorrelation) and isinstance(module.position, GraphPositionBias):
                module.position.average(module.window, module.cell)
    return copied


def require_optimized(model: nn.Module) -> None:
    """Require a network whose graph is what it computes itself.

    Raises:
        ResultError: it is of the reference implementation, and exported graphs have the optimized algebra.
    """
    if has_fixed_size(model) or any(type(module) in REPLACEMENTS for module in model.modules()):
        raise ResultError("exported graphs have the optimized algebra; time it as implementation `optimized`")


def weights_digest(model: nn.Module) -> str:
    """SHA-256 of the names and the bytes of all weights."""
    found = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        found.update(name.encode() + b"\0")
        found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()
