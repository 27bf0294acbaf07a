"""Pages from templates: one file that opens without network, with style and script inside."""

import base64
import hashlib
from dataclasses import dataclass
from importlib import resources

import jinja2
from markupsafe import Markup

from hitsr.report.cells import BEST, SECOND
from hitsr.report.page.origins import Origins


@dataclass(frozen=True)
class Inline:
    """Style or script inside the page, and its digest: the page's content security policy allows only these."""

    content: str

    @property
    def text(self) -> Markup:
        return Markup(self.content)

    @property
    def digest(self) -> str:
        return "sha256-" + base64.b64encode(hashlib.sha256(self.content.encode()).digest()).decode()


def fill(template: str, origins: Origins, **values: object) -> str:
    """A page.

    Args:
        template: file beside this one.
        origins: the files that the page's numbers come from.
        values: what the template shows.
    """
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_asset),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals.update(BEST=BEST, SECOND=SECOND, link=origins.link, files=origins.numbers)
    environment.filters.update(code=_code, in_script=_in_script)
    shared = {"style": Inline(_asset("page.css")), "script": Inline(_asset("page.js")), "origins": origins}
    return environment.get_template(template).render(**shared, **values)


def data_uri(content: bytes, kind: str) -> str:
    """An image inside the page."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _asset(name: str) -> str:
    return resources.files("hitsr.report.page").joinpath(name).read_text(encoding="utf-8")


def _code(text: str) -> Markup:
    """Text with `code` between backticks."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return Markup.escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(p) if i % 2 else Markup.escape(p) for i, p in enumerate(parts)
    )


def _in_script(value: object) -> str:
    """A number as the page's script reads it."""
    return str(value).replace("inf", "Infinity") if isinstance(value, float) else str(value)
