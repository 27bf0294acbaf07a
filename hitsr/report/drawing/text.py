"""Text in figures. Names are whatever users chose: no sign in them is mathematics, and no font has every letter.

Letters are taken from the first of several fonts that has them. A letter that none of the installed fonts has is
written as its code point, such as `\\u56fe`, instead of an empty box.
"""

import unicodedata
from functools import cache

from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FuncFormatter

FAMILIES = (
    "Arial", "DejaVu Sans", "Noto Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans SC",
    "Source Han Sans SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback", "Microsoft YaHei",
    "SimHei", "PingFang SC", "Hiragino Sans GB", "Hiragino Sans", "Apple SD Gothic Neo", "Malgun Gothic", "Yu Gothic",
    "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans Thai", "Arial Unicode MS", "Unifont",
)  # fmt: skip
"""Fonts by preference; those that are not installed are left out."""
LONGEST = 48
"""Letters of a word beyond which its middle is left out."""


@cache
def families() -> tuple[str, ...]:
    """The installed ones of `FAMILIES`; Matplotlib brings DejaVu Sans."""
    installed = set(font_manager.get_font_names())
    return tuple(name for name in FAMILIES if name in installed)


@cache
def letters() -> frozenset[int]:
    """Code points that the installed fonts can draw."""
    paths = [font_manager.findfont(font_manager.FontProperties(family=[name])) for name in families()]
    return frozenset(point for path in paths for point in FT2Font(path).get_charmap())


def drawable(text: str, longest: int = LONGEST) -> str:
    """Text that can be drawn: composed letters, code points for what no font has, long words without their middle."""
    lines = unicodedata.normalize("NFC", text).split("\n")
    return "\n".join(" ".join(_word(word, longest) for word in line.split(" ")) for line in lines)


def prepare(figure: Figure) -> None:
    """Make every text of a figure drawable, those of its ticks included."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            formatter = axis.get_major_formatter()
            if isinstance(formatter, FixedFormatter):
                axis.set_major_formatter(FixedFormatter([drawable(label) for label in formatter.seq]))
            elif isinstance(formatter, FuncFormatter):
                _wrap(formatter)
    for text in figure.findobj(Text):
        text.set_text(drawable(text.get_text()))


def _wrap(formatter: FuncFormatter) -> None:
    given = formatter.func

    def shown(value: float, place: int | None = None) -> str:
        return drawable(given(value, place))

    formatter.func = shown


def _word(word: str, longest: int) -> str:
    """A word as it is drawn, of at most `longest` letters."""
    shown = [letter if ord(letter) in letters() else _escaped(letter) for letter in word]
    if sum(map(len, shown)) <= longest:
        return "".join(shown)
    head: list[str] = []
    tail: list[str] = []
    room = longest - 1
    for number in range(len(shown)):
        # from both ends in turn: what tells files apart is often at the end
        taken = shown[number // 2] if number % 2 == 0 else shown[-1 - number // 2]
        room -= len(taken)
        if room < 0:
            break
        (head if number % 2 == 0 else tail).append(taken)
    return f"{''.join(head)}…{''.join(reversed(tail))}"


def _escaped(letter: str) -> str:
    """A letter without a shape: other kinds of space are a space, anything else is its code point."""
    if letter.isspace():
        return " "
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
