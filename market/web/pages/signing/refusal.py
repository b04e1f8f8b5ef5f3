"""A refused form of the door, shown again: what was typed stays (but for secrets), the reason is beside its field."""

from collections.abc import Callable, Mapping
from math import ceil

from litestar import Response

from contracts.kernel.errors import Conflict, DomainError, Malformed, NotSignedIn, RuleBroken, WrongState
from market.user.factors import TooManyRequests
from market.user.rules import WrongCredentials
from market.web.language import _, language_of, tr
from market.web.pages.form import HIDDEN, Filled, Said, faults_of
from market.web.problems import headers_of, status_of
from market.web.work import WebRequest

MENDABLE = (Malformed, RuleBroken, WrongState, Conflict, NotSignedIn, TooManyRequests)
SECRETS = frozenset({"password", "new", "code", "answer"})
RETRY_AFTER = "Retry-After"


def shown_again(
    request: WebRequest, error: DomainError, data: Mapping[str, str], page: Callable[[Filled], Response[str]]
) -> Response[str]:
    typed = {name: value for name, value in data.items() if name not in HIDDEN | SECRETS}
    answer = page(Filled(typed, reasons(request, error)))
    answer.status_code = status_of(type(error))
    headers = headers_of(error)
    if RETRY_AFTER in headers:
        answer.headers[RETRY_AFTER] = headers[RETRY_AFTER]
    return answer


def reasons(request: WebRequest, error: DomainError) -> list[Said]:
    if isinstance(error, TooManyRequests):
        minutes = ceil(int(headers_of(error)[RETRY_AFTER]) / 60)
        sentence = _("Too many tries. You can try again in %(minutes)s min.")
        return [Said("", tr(language_of(request), sentence, minutes=minutes))]
    if isinstance(error, WrongCredentials):
        return [Said("login", said.text) for said in faults_of(request, error)]
    return faults_of(request, error)
