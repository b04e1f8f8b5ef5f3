"""What each problem means, in three languages: the addresses that a problem's ``type`` names."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from market.web.language import LANGUAGES, SPOKEN_BY_DEFAULT, _, language_of
from market.web.problems import NoSuchAddress, kinds, status_of, title_of
from market.web.rendering import render
from market.web.work import WebRequest

PUBLIC: dict[str, Any] = {"public": True}
MEANINGS = {
    400: _(
        "Something that was sent cannot be read or is missing. Look at the fields that are named and send it again."
    ),
    401: _("The page is for people who have signed in. Sign in and open it again."),
    403: _("Your role does not allow this. If it should, ask the administrator of your office."),
    404: _("It is not there, or it is not yours to see. Look at the address again."),
    405: _("This address answers other kinds of requests. A page of ours never asks for it in this way."),
    409: _(
        "Somebody else was first, or things have moved on meanwhile. Open the page again and look how it stands now."
    ),
    413: _("More was sent than is taken at once. Send less, or in several parts."),
    415: _("The format of what was sent is not known here."),
    422: _("It was read, but a rule does not allow it. The sentence above says which one."),
    429: _("There were too many tries in a short time. Wait a little and try again."),
    500: _("The fault is ours and is written down. Try again later; if it stays, tell your administrator the number."),
    503: _("A part of the service does not answer now. Nothing was lost. Try again in a moment."),
}


@dataclass(frozen=True, slots=True)
class Row:
    code: str
    status: int
    title: str


@get("/problems", sync_to_thread=False, opt=PUBLIC)
def list_problems(request: WebRequest) -> Response[str]:
    language = language_of(request)
    rows = [Row(code, status_of(kind), title_of(kind, language)) for code, kind in kinds().items()]
    rows.sort(key=lambda row: (row.status, row.title.lower()))
    groups = {status: list(found) for status, found in groupby(rows, key=lambda row: row.status)}
    return render(request, "public/problems.html", groups=groups)


@get("/problems/{code:str}", sync_to_thread=False, opt=PUBLIC)
def explain_problem(request: WebRequest, code: FromPath[str]) -> Response[str]:
    kind = kinds().get(code)
    if kind is None:
        raise NoSuchAddress
    language, status = language_of(request), status_of(kind)
    return render(
        request,
        "public/problem.html",
        code=code,
        status_code=status,
        titles={other: title_of(kind, other) for other in LANGUAGES},
        meaning=MEANINGS.get(status, ""),
        details=" ".join((kind.__doc__ or "").split()) if language == SPOKEN_BY_DEFAULT else "",
    )


HANDLERS = [list_problems, explain_problem]
