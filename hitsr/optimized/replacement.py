"""`hitsr.optimize`: the layers of a network replaced by faster ones of the same weights."""

from torch import nn

from hitsr.networks.blocks.attention import PermutedAttention, WindowAttention
from hitsr.networks.blocks.convolution import Conv1x1
from hitsr.networks.blocks.correlation import SpatialChannelCorrelation
from hitsr.networks.blocks.features import FeatureExtraction
from hitsr.networks.blocks.feedforward import MLP, ConvFeedForward
from hitsr.networks.blocks.memory_format import MemoryFormat
from hitsr.networks.blocks.ngram import NGramContext
from hitsr.networks.blocks.norm import LayerNorm
from hitsr.networks.blocks.position import DynamicPositionBias
from hitsr.optimized.attention import OptimizedPermutedAttention, OptimizedWindowAttention
from hitsr.optimized.convolution import OptimizedConv1x1
from hitsr.optimized.correlation import OptimizedCorrelation
from hitsr.optimized.features import OptimizedFeatureExtraction
from hitsr.optimized.feedforward import OptimizedConvFeedForward, OptimizedMLP
from hitsr.optimized.memory_format import ChannelsLast
from hitsr.optimized.ngram import OptimizedNGramContext
from hitsr.optimized.norm import OptimizedLayerNorm
from hitsr.optimized.position import OptimizedPositionBias
from hitsr.optimized.streaming.executor import streams
from hitsr.optimized.streaming.network import in_one_piece, streaming

REPLACEMENTS = {
    Conv1x1: OptimizedConv1x1,
    ConvFeedForward: OptimizedConvFeedForward,
    DynamicPositionBias: OptimizedPositionBias,
    FeatureExtraction: OptimizedFeatureExtraction,
    LayerNorm: OptimizedLayerNorm,
    MLP: OptimizedMLP,
    MemoryFormat: ChannelsLast,
    NGramContext: OptimizedNGramContext,
    PermutedAttention: OptimizedPermutedAttention,
    SpatialChannelCorrelation: OptimizedCorrelation,
    WindowAttention: OptimizedWindowAttention,
}
"""The faster class of each layer. It extends the other and has the same parameters."""


def optimize(model: nn.Module) -> nn.Module:
    """Replace the layers of a network that have a faster form, in place; outputs are equal up to rounding.

    A layer changes its class and nothing else: parameters, their names, hooks and training mode stay. A layer of a
    class that extends one of these is left as it is, because it may do something else. A backbone whose layers are all
    known then evaluates in bands, and takes `max_memory`.

    Returns:
        `model`.
    """
    for module in model.modules():
        module.__class__ = REPLACEMENTS.get(type(module), type(module))
    if streams(model):
        model.__class__ = streaming(type(model))
    return model


def restore(model: nn.Module) -> nn.Module:
    """Undo `optimize`, in place.

    Returns:
        `model`.
    """
    originals = {optimized: layer for layer, optimized in REPLACEMENTS.items()}
    in_one_piece(model)
    for module in model.modules():
        if isinstance(module, OptimizedPositionBias):
            module.forget()
        module.__class__ = originals.get(type(module), type(module))
    return model


def is_optimized(model: nn.Module) -> bool:
    """Whether any layer of a network is an optimized one."""
    return any(type(module) in REPLACEMENTS.values() for module in model.modules())
