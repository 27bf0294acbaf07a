"""Where a key stands: mappings that remember file and line of their keys, so that messages can name them."""

from collections.abc import Mapping
from typing import Any


class Located(dict):
    """A mapping of a file.

    Attributes:
        places: file and line of every key, such as `mine.yaml:12`, by the text of the key.
    """

    def __init__(self, content: Mapping = {}, places: Mapping[str, str] = {}):  # noqa: B006 - read only
        super().__init__(content)
        self.places = dict(places)

    def with_places(self, other: Mapping) -> "Located":
        """The same content, with the places of another mapping beside its own, which it overrides."""
        return Located(self, {**self.places, **getattr(other, "places", {})})


def located(raw: Any, message: str, title: str = "config") -> str:
    """A message that begins with the path of a key, with the place of that key, as far as it is known, before it.

    Args:
        raw: what the file held.
        title: the first part of the path.
    """
    place, rest = None, message.removeprefix(title)
    while isinstance(raw, Mapping) and rest.startswith("."):
        # keys may hold points themselves
        names = {getattr(key, "text", str(key)): key for key in raw}
        fitting = [name for name in names if rest[1:].startswith(name) and rest[1 + len(name) :][:1] in (".", ":", "")]
        if not fitting:
            break
        name = max(fitting, key=len)
        place = getattr(raw, "places", {}).get(name, place)
        raw, rest = raw[names[name]], rest[1 + len(name) :]
    return f"{place}: {message}" if place else message
