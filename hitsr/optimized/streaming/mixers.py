"""How the mixer of a layer works through a map in bands: `add_mixed`, by the class of the mixer."""

from collections.abc import Iterator
from functools import singledispatch
from typing import TypeVar

from torch import Tensor, nn

from hitsr.networks.blocks.attention import AttentionInContext
from hitsr.networks.blocks.features import FeatureExtraction
from hitsr.networks.blocks.ngram import NGramContext
from hitsr.networks.blocks.padding import round_up
from hitsr.optimized.attention import OptimizedPermutedAttention, OptimizedWindowAttention, OptimizedWindows
from hitsr.optimized.correlation import OptimizedCorrelation
from hitsr.optimized.ngram import OptimizedNGramContext
from hitsr.optimized.streaming.bands import TokenWise, bands, in_bands, spans, unchanged
from hitsr.optimized.streaming.windows import add_windows, gather_windows
from hitsr.optimized.windows import wrapped_windows

CONTEXTS = (NGramContext, OptimizedNGramContext)
Part = TypeVar("Part", bound=nn.Module)


def can_stream(mixer: nn.Module) -> bool:
    """Whether `add_mixed` knows the class of a mixer; a class that extends one may do something else."""
    if isinstance(mixer, AttentionInContext):
        return type(mixer.context) in CONTEXTS and can_stream(mixer.attention)
    if isinstance(mixer, OptimizedCorrelation) and mixer.context is not None and type(mixer.context) not in CONTEXTS:
        return False
    return type(mixer) in (OptimizedCorrelation, OptimizedPermutedAttention, OptimizedWindowAttention)


@singledispatch
def add_mixed(mixer: nn.Module, x: Tensor, before: TokenWise, after: TokenWise, tokens: int) -> None:
    """`x += after(mixer(before(x)))` for a map `(1, H, W, dim)`, in place, about `tokens` pixels at a time."""
    raise TypeError(f"{type(mixer).__name__} does not work in bands")


@singledispatch
def room(mixer: nn.Module, height: int, width: int) -> tuple[int, int]:
    """Pixels of maps that `add_mixed` holds throughout, and pixels of the smallest part that it works on."""
    raise TypeError(f"{type(mixer).__name__} does not work in bands")


@add_mixed.register
def _(mixer: OptimizedCorrelation, x: Tensor, before: TokenWise, after: TokenWise, tokens: int) -> None:
    height, width = x.shape[1:3]
    for top, features in _features_in_bands(mixer, x, before, tokens):
        rows = features.shape[1]
        for left, right in spans(width, rows, mixer.window, tokens):
            mixed = mixer.mix(features[:, :, left : round_up(right, mixer.window)])
            x[:, top : top + rows, left:right] += after(mixed[:, : height - top, : right - left])


@room.register
def _(mixer: OptimizedCorrelation, height: int, width: int) -> tuple[int, int]:
    height, width = (round_up(size, mixer.pad_unit) for size in (height, width))
    return width * (3 * mixer.window if mixer.context is None else height + mixer.window), mixer.window**2


def _features_in_bands(
    mixer: OptimizedCorrelation, x: Tensor, before: TokenWise, tokens: int
) -> Iterator[tuple[int, Tensor]]:
    """First row and features of each band of window rows; the features reach below the map to whole windows."""

    def features(rows: Tensor) -> Tensor:
        return mixer.features(before(rows))

    halo = _halo(mixer.features)
    if mixer.context is None:
        for band in bands(x, halo, tokens, unit=mixer.window, pad=mixer.pad_unit):
            yield band.top, band.inner(in_bands(band.rows, features, halo, tokens))
        return
    # a context reads the windows around, so all features are there before the first is mixed
    whole = in_bands(x, features, halo, tokens, pad=mixer.pad_unit)
    _add_context(_known(mixer.context, NGramContext), whole)
    for top, bottom in spans(x.shape[1], x.shape[2], mixer.window, tokens):
        yield top, whole[:, top : round_up(bottom, mixer.window)]


def _known(part: nn.Module, kind: type[Part]) -> Part:
    """A part of a mixer, which is of the kind that `can_stream` looked for."""
    if not isinstance(part, kind):
        raise TypeError(f"{type(part).__name__} does not work in bands")
    return part


def _halo(features: FeatureExtraction) -> int:
    """Rows above and below that a row depends on."""
    return 0 if features.kind == "linear" else 1


def _add_context(context: NGramContext, x: Tensor) -> None:
    """`x = context(x)` in place, without gradients."""
    found = context.context(context.embed(x))
    # a view with the pixels of each window in dimensions of their own
    x.unflatten(2, (-1, context.window)).unflatten(1, (-1, context.window)).add_(found[:, :, None, :, None])


@add_mixed.register
def _(mixer: OptimizedWindows, x: Tensor, before: TokenWise, after: TokenWise, tokens: int) -> None:
    _add_attended(mixer, x, x, before, after, tokens)


@room.register
def _(mixer: OptimizedWindows, height: int, width: int) -> tuple[int, int]:
    return 0, mixer.window * width


@add_mixed.register
def _(mixer: AttentionInContext, x: Tensor, before: TokenWise, after: TokenWise, tokens: int) -> None:
    # the context reads the whole map, so it takes a map of its own
    source = in_bands(x, before, 0, tokens)
    _add_context(_known(mixer.context, NGramContext), source)
    _add_attended(_known(mixer.attention, OptimizedWindows), x, source, unchanged, after, tokens)


@room.register
def _(mixer: AttentionInContext, height: int, width: int) -> tuple[int, int]:
    return height * width, room(mixer.attention, height, width)[1]


def _add_attended(
    mixer: OptimizedWindows, x: Tensor, source: Tensor, before: TokenWise, after: TokenWise, tokens: int
) -> None:
    """`x += after(mixer(before(source)))`; windows of the map are cut out of it and added where they lie."""
    height, width = x.shape[1:3]
    for top, bottom in spans(height, width, mixer.window, tokens):
        windows = gather_windows(source, top, bottom, mixer.window, mixer.shift)
        wrapped = wrapped_windows(x, mixer.window, mixer.shift, mixer.reduction, (top, bottom))
        add_windows(x, after(mixer.attended(before(windows), wrapped)), top, bottom, mixer.window, mixer.shift)
