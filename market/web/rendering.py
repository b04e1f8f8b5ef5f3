"""Templates to HTML: escaped, strict about missing values, in the reader's language, with the form token."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlsplit

import jinja2
from litestar import MediaType
from litestar.datastructures import Cookie
from litestar.response import Response
from markupsafe import Markup

from market.web.desks import links_of
from market.web.formats import filters
from market.web.language import LANGUAGES, NATIVE_NAMES, SPOKEN_BY_DEFAULT, language_of, translations
from market.web.parts import choice_items, desk_navigation, fault_list, fault_message, tag_class
from market.web.static import asset
from market.web.work import WebRequest

TEMPLATES = Path(__file__).resolve().parent / "templates"
SAID_COOKIE = "said"
DISPLAY_COOKIE = "display"
DISPLAYS = ("large", "contrast")
NOTE_SECONDS = 60  # a note belongs to the page that follows


@lru_cache(maxsize=8)
def environment(language: str = SPOKEN_BY_DEFAULT) -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
        cache_size=1000,
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined] # the extension adds it
    made.globals["ngettext"] = _counting(cast("Callable[..., str]", made.globals["ngettext"]), language)
    made.globals.update(languages=LANGUAGES, native_names=NATIVE_NAMES, asset=asset, govuk=component)
    made.globals.update(fault_list=fault_list, fault_message=fault_message, choice_items=choice_items)
    made.globals.update(tag_class=tag_class, desk_navigation=partial(desk_navigation, language))
    made.filters.update(filters(language))
    return made


def _counting(ngettext: Callable[..., str], language: str) -> Callable[..., str]:
    """The form is chosen by the number, and the number is written as the reader writes it."""
    number = filters(language)["number"]

    @jinja2.pass_context
    def say(context: jinja2.runtime.Context, single: str, plural: str, count: int, **values: object) -> str:
        return ngettext(context, single, plural, count, **{"num": number(count), **values})

    return say


@lru_cache(maxsize=1)
def _library() -> jinja2.Environment:
    """Its templates count on lenient missing values, ours do not."""
    package = jinja2.PackageLoader("govuk_frontend_jinja")
    return jinja2.Environment(loader=jinja2.PrefixLoader({"govuk_frontend_jinja": package}), autoescape=True)


@lru_cache(maxsize=64)
def _macro(name: str) -> Callable[[dict[str, Any]], Markup]:
    module = _library().get_template(f"govuk_frontend_jinja/components/{name}/macro.html").module
    made: Callable[[dict[str, Any]], Markup] = getattr(module, f"govuk{name.title().replace('-', '')}")
    return made


def component(name: str, /, **params: Any) -> Markup:
    """One component of the accessible library, such as ``govuk("button", text=...)``; parameters as it documents
    them."""
    return _macro(name)({key: value for key, value in params.items() if value is not None})


def render(
    request: WebRequest, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **context: Any
) -> Response[str]:
    """A whole page, with the note that the form before it left."""
    page = Response(
        page_text(request, template, **context), status_code=status, media_type=MediaType.HTML, headers=headers or {}
    )
    if SAID_COOKIE in request.cookies:
        page.cookies.append(_note("", 0))
    return page


def page_text(request: WebRequest, template: str, **context: Any) -> str:
    """``request.user`` may be missing where the request failed before anybody was known."""
    language = language_of(request)
    actor = request.scope.get("user")
    frame = {
        "language": language,
        "path": request.scope["path"],
        "here": quote(_address_of(request)),
        "actor": actor,
        "desk_links": links_of(actor),
        "display": display_of(request),
        "said": said_before(request),
        "form_token": request.scope["state"].get("form_token", ""),
    }
    made = environment(language)
    # a page that took one of these names would bend the header: the languages, or the way back from them
    assert not context.keys() & (frame.keys() | made.globals.keys()), "the names of the frame are the frame's"
    return made.get_template(template).render({"filled": None} | frame | context)


def _address_of(request: WebRequest) -> str:
    """As it was asked for, within this site: read without the Host header, which anybody may garble. What a form was
    answered with can only be seen again where the form stands."""
    if request.method == "POST" and (form := _form_of(request)):
        return form
    query = request.scope["query_string"].decode("latin-1")
    return request.scope["path"] + (f"?{query}" if query else "")


def _form_of(request: WebRequest) -> str:
    try:
        came_from = urlsplit(request.headers.get("referer", ""))
    except ValueError:  # anybody may write anything there
        return ""
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


def display_of(request: WebRequest) -> list[str]:
    chosen = request.cookies.get(DISPLAY_COOKIE, "").split(".")
    return [display for display in DISPLAYS if display in chosen]


def say_next(sentence: str) -> Cookie:
    """A note on the page that follows: a sentence of ours, marked with ``_``."""
    return _note(urlsafe_b64encode(sentence.encode()).decode(), NOTE_SECONDS)


def _note(value: str, seconds: int) -> Cookie:
    return Cookie(key=SAID_COOKIE, value=value, max_age=seconds, path="/", httponly=True, samesite="lax")


def said_before(request: WebRequest) -> str | None:
    """Only what our catalogues know: nobody else's words are shown as ours."""
    try:
        sentence = urlsafe_b64decode(request.cookies.get(SAID_COOKIE, "")).decode()
    except ValueError:
        return None
    known = sentence and translations("kk").gettext(sentence) != sentence
    return sentence if known else None
