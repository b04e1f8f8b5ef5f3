"""What each problem means, in three languages: the addresses that a problem's ``type`` names."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from market.web.language import LANGUAGES, language_of
from market.web.problems import NoSuchAddress, kinds, status_of, title_of
from market.web.rendering import render
from market.web.work import WebRequest

PUBLIC: dict[str, Any] = {"public": True}


@get("/problems", sync_to_thread=False, opt=PUBLIC)
def list_problems(request: WebRequest) -> Response[str]:
    language = language_of(request)
    rows = [(code, status_of(kind), title_of(kind, language)) for code, kind in sorted(kinds().items())]
    return render(request, "problems.html", rows=rows)


@get("/problems/{code:str}", sync_to_thread=False, opt=PUBLIC)
def explain_problem(request: WebRequest, code: FromPath[str]) -> Response[str]:
    kind = kinds().get(code)
    if kind is None:
        raise NoSuchAddress
    titles = {language: title_of(kind, language) for language in LANGUAGES}
    explanation = " ".join((kind.__doc__ or "").split())
    return render(
        request, "explanation.html", code=code, status_code=status_of(kind), titles=titles, explanation=explanation
    )


HANDLERS = [list_problems, explain_problem]
