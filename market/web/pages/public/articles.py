"""Texts for people: how the system decides, help by topic, accessibility. They stand in ``templates/public/articles``;
whoever changes a rule of a placement or a round changes ``how-we-decide`` with it."""

from typing import Any, NamedTuple

from litestar import Response, get
from litestar.params import FromPath

from market.web.language import _
from market.web.problems import NoSuchAddress
from market.web.rendering import render
from market.web.work import WebRequest

PUBLIC: dict[str, Any] = {"public": True}


class Group(NamedTuple):
    """``topics``: address and title of each."""

    title: str
    topics: tuple[tuple[str, str], ...]


GROUPS = (
    Group(
        _("For people with a voucher and who speak for them"),
        (
            ("choosing", _("How to choose who helps you")),
            ("voucher", _("What a voucher is")),
            ("confirming", _("How to confirm a visit")),
            ("acting-for-others", _("How to act for somebody else")),
        ),
    ),
    Group(
        _("For organisations and carers"),
        (
            ("organisations", _("How an organisation takes part")),
            ("visits", _("How to enter visits")),
            ("acts-and-payments", _("Acts and payments")),
        ),
    ),
    Group(
        _("For officers and auditors"),
        (
            ("officers", _("For officers: money, admission, acts")),
            ("rounds", _("For officers: matching rounds")),
            ("audit-proof", _("For auditors: how to read an audit proof")),
        ),
    ),
    Group(
        _("For everybody"),
        (
            ("signing-in", _("How to sign in")),
            ("keyboard", _("How to use this service with the keyboard")),
            ("large-print", _("Large print, high contrast, languages")),
        ),
    ),
)
TOPICS = frozenset(slug for group in GROUPS for slug, _title in group.topics)


@get("/help", sync_to_thread=False, opt=PUBLIC)
def show_help(request: WebRequest) -> Response[str]:
    return render(request, "public/help.html", groups=GROUPS)


@get("/help/{topic:str}", sync_to_thread=False, opt=PUBLIC)
def show_topic(request: WebRequest, topic: FromPath[str]) -> Response[str]:
    if topic not in TOPICS:
        raise NoSuchAddress
    return render(request, f"public/articles/{topic}.html", topic=topic)


@get("/how-we-decide", sync_to_thread=False, opt=PUBLIC)
def show_deciding(request: WebRequest) -> Response[str]:
    return render(request, "public/articles/how-we-decide.html", topic=None)


@get("/accessibility", sync_to_thread=False, opt=PUBLIC)
def show_accessibility(request: WebRequest) -> Response[str]:
    return render(request, "public/articles/accessibility.html", topic=None)


HANDLERS = [show_help, show_topic, show_deciding, show_accessibility]
