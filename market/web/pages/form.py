"""A form as it was sent, read field by field; what is wrong is told beside the field, and nothing typed is lost."""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from litestar import Response
from litestar.params import URLEncodedBody
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

from contracts.kernel.errors import Conflict, DomainError, Malformed, RuleBroken, WrongState
from contracts.kernel.idempotency import IdempotencyKeyReused, Once, once
from contracts.kernel.money import parse_amount
from contracts.kernel.work import Work
from market.web.formats import Formats
from market.web.language import SPOKEN_BY_DEFAULT, _, language_of, tr
from market.web.problems import status_of, title_of
from market.web.rendering import say_next
from market.web.unreadable import UNREADABLE
from market.web.work import Caller, WebRequest

Form = URLEncodedBody[dict[str, str]]
E = TypeVar("E", bound=StrEnum)
KEY = "key"
HIDDEN = frozenset({KEY, "form_token"})
MAX_NUMBER = 10**9
MAX_TEXT = 300
GROUPED_FROM = 10_000
SENT_BEFORE = _(
    "This form was sent before with other answers, and those were carried out. If you want what stands here now, too, "
    "send it once more."
)
_DAY = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})|(\d{4})-(\d{2})-(\d{2})", re.ASCII)


class Fault(NamedTuple):
    """``sentence`` is marked with ``_``; ``values`` fill it in. ``field`` "" is the whole form."""

    field: str
    sentence: str
    values: Mapping[str, object] = {}


class Incomplete(Malformed):
    """A form with faults, all of them at once."""

    code = "form-incomplete"
    title = "Some answers are missing or cannot be read"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self.faults = list(faults)


class Said(NamedTuple):
    """A fault in the reader's language."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Filled:
    """What was typed, by field, and what is wrong with it. ``labels``: of faulty fields, as the page has them."""

    typed: Mapping[str, str]
    faults: Sequence[Said] = ()
    labels: dict[str, str] = field(default_factory=dict)

    def value(self, name: str, default: object = "") -> str:
        return self.typed.get(name, str(default))

    def fault(self, name: str) -> str | None:
        return next((fault.text for fault in self.faults if fault.field == name), None)


EMPTY = Filled({})


def told_apart(filled: Filled, which: object, *names: str) -> Filled:
    """Of a form that stands on its page several times: its fields as each is called there, ``reason-<which>``."""
    typed = {f"{name}-{which}": filled.typed.get(name, "") for name in names}
    faults = [Said(f"{one.field}-{which}" if one.field in names else "", one.text) for one in filled.faults]
    return Filled(typed, faults)


def new_key() -> str:
    """What makes one showing of a form one wish."""
    return secrets.token_urlsafe(16)


@dataclass(slots=True)
class Reading:
    """Reads a form's fields; collects what is wrong until ``check``. A faulty field reads as a harmless stand-in."""

    data: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)

    def check(self) -> None:
        """Raises Incomplete."""
        if self.faults:
            raise Incomplete(self.faults)

    def wrong(self, name: str, sentence: str, **values: object) -> None:
        self.faults.append(Fault(name, sentence, values))

    def text(self, name: str, *, max_length: int = MAX_TEXT, required: bool = True) -> str:
        value = " ".join(self.data.get(name, "").split())
        if required and not value:
            self.wrong(name, _("Fill in this field"))
        if len(value) > max_length:
            self.wrong(name, _("Write at most %(limit)s characters"), limit=max_length)
        return value

    def number(self, name: str, *, low: int = 0, high: int = MAX_NUMBER) -> int:
        value = self._filled(name).replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
        if value and not (value.isascii() and value.isdigit() and low <= int(value[:12]) <= high):
            self.wrong(name, _("Write a whole number from %(low)s to %(high)s"), low=low, high=high)
            return low
        return int(value or low)

    def money(self, name: str) -> int:
        """In tiyn. A comma or a point before the tiyn, spaces between thousands."""
        value = re.sub(r"[\s₸]", "", self._filled(name)).replace(",", ".")
        if value and not re.fullmatch(r"\d{1,13}(\.\d{1,2})?", value, re.ASCII):
            self.wrong(name, _("Write an amount in tenge, such as 1 250.50"))
            return 0
        try:
            return parse_amount(value.lstrip("0") if re.match(r"0\d", value) else value) if value else 0
        except Malformed:
            self.wrong(name, _("This amount is too large"))
            return 0

    def day(self, name: str, *, required: bool = True) -> date | None:
        value = self._filled(name) if required else self.data.get(name, "").strip()
        day = parse_day(value)
        if value and day is None:
            self.wrong(name, _("Write a day that exists, such as 31.12.2026"))
        return day

    def choice(self, name: str, choices: type[E]) -> E:
        value = self._filled(name)
        known = list(choices)
        if value and value not in known:
            self.wrong(name, _("Choose one of the answers"))
        return choices(value) if value in known else known[0]

    def one_of(self, name: str, choices: Sequence[str]) -> str:
        value = self._filled(name)
        if value and value not in choices:
            self.wrong(name, _("Choose one of the answers"))
        return value

    def uuid(self, name: str) -> UUID:
        value = self._filled(name)
        try:
            return UUID(value)
        except ValueError:
            if value:
                self.wrong(name, _("Choose one of the answers"))
            return UUID(int=0)

    def flag(self, name: str) -> bool:
        return self.data.get(name, "") not in {"", "no", "0"}

    def _filled(self, name: str) -> str:
        value = self.data.get(name, "").strip()[:MAX_TEXT]
        if not value:
            self.wrong(name, _("Fill in this field"))
        return value


def parse_day(text: str) -> date | None:
    """31.12.2026, 31/12/2026 or 2026-12-31; None where it is no day."""
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    d, m, y = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
    try:
        return date(int(y), int(m), int(d))
    except ValueError:
        return None


class GoOn(NamedTuple):
    """Where a form leads, and the note there, where both are known only when it is carried out."""

    to: str
    said: str


def submit(
    request: WebRequest,
    caller: Caller,
    data: Mapping[str, str],
    *,
    do: Callable[[Work], object],
    again: Callable[[Filled], Response[str]],
    to: str,
    said: str | None = None,
    tell: Callable[[DomainError], Fault | None] = lambda _error: None,
) -> Response[Any]:
    """Carries a form out once, however often it is sent, and goes on to ``to`` with a note, or as ``do`` says: an
    address, or GoOn.

    What the reader can mend is shown by ``again``, with the status of the error; all else is a problem page. ``tell``
    says more of an error than its title does.
    """
    wish = "\n".join(f"{name}={value}" for name, value in sorted(data.items()) if name not in HIDDEN)

    def keep(work: Work) -> dict[str, Any]:
        went = do(work)
        if isinstance(went, GoOn):
            return went._asdict()
        return {"to": went if isinstance(went, str) else to, "said": said}

    try:
        wanted = Once.of(f"form {request.url.path}", data.get(KEY) or new_key(), wish.encode())
        answer, _replayed = caller.write(lambda work: once(work, wanted, keep))
    except (Malformed, RuleBroken, WrongState, Conflict) as error:
        more = tell(error)
        faults = faults_of(request, Incomplete([more]) if more else error)
        page = again(Filled({k: v for k, v in data.items() if k not in HIDDEN}, faults))
        page.status_code = status_of(type(error))
        return page
    note = answer.get("said", said)
    cookies = [say_next(note)] if note else None
    return Redirect(answer["to"], status_code=HTTP_303_SEE_OTHER, cookies=cookies)


def faults_of(request: WebRequest, error: DomainError) -> list[Said]:
    """The error in the reader's language, beside the fields it names."""
    language = language_of(request)
    if isinstance(error, IdempotencyKeyReused):  # somebody went back in the browser, and answered otherwise
        return [Said("", tr(language, SENT_BEFORE))]
    if isinstance(error, Incomplete):
        return [Said(f.field, tr(language, f.sentence, **_written(language, f.values))) for f in error.faults]
    text = title_of(type(error), language)
    if isinstance(error, Malformed) and (known := UNREADABLE.get(str(error.members.get("rule")))):
        text = tr(language, known)
    if language == SPOKEN_BY_DEFAULT and error.detail and error.detail != text:
        text = error.detail
    return [Said(_field_of(error), text)]


def _written(language: str, values: Mapping[str, object]) -> dict[str, object]:
    """Large numbers as the reader writes them; a year stays as it is."""
    number = Formats(language).number
    large = {name for name, value in values.items() if isinstance(value, int) and value >= GROUPED_FROM}
    return {name: number(int(str(value))) if name in large else value for name, value in values.items()}


def _field_of(error: DomainError) -> str:
    """What cannot be read has its pointer among its errors."""
    pointer = error.members.get("pointer")
    errors = error.members.get("errors")
    if not pointer and isinstance(errors, list) and errors:
        pointer = errors[0]["pointer"]
    return str(pointer or "").strip("/").replace("/", ".")
