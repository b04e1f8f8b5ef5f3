"""Templates to HTML: escaped, strict about missing values, with the reader's language and the form token."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from litestar import MediaType
from litestar.response import Response

from market.web.language import LANGUAGES, NATIVE_NAMES, _, language_of
from market.web.work import WebRequest

TEMPLATES = Path(__file__).resolve().parent / "templates"


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(_=_, languages=LANGUAGES, native_names=NATIVE_NAMES)
    return made


def render(
    request: WebRequest, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **context: Any
) -> Response[str]:
    """A whole page. ``request.user`` may be missing where the request failed before anybody was known."""
    html = (
        environment()
        .get_template(template)
        .render(
            language=language_of(request),
            path=request.url.path,
            actor=request.scope.get("user"),
            form_token=request.scope["state"].get("form_token", ""),
            **context,
        )
    )
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=headers or {})
