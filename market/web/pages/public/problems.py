"""What each problem means, in three languages: the addresses that a problem's ``type`` names."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from market.web.language import LANGUAGES, SPOKEN_BY_DEFAULT, language_of
from market.web.meanings import MEANINGS
from market.web.problems import NoSuchAddress, kinds, status_of, title_of
from market.web.rendering import render
from market.web.work import WebRequest

PUBLIC: dict[str, Any] = {"public": True}


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
