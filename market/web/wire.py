"""Things on the wire: what is asked (pydantic, strict, nothing unknown) and what is shown (msgspec), converted once.

Money is ``{"amount": "1250.00", "currency": "KZT"}`` both ways; a month is ``"2026-03"``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar.config.app import AppConfig
from litestar.plugins.pydantic import PydanticPlugin, PydanticSchemaPlugin
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.kernel.errors import Malformed
from contracts.kernel.money import KZT, decimal_string, parse_amount
from contracts.kernel.period import Month
from market.web.body import MAX_ERRORS, escape

S = TypeVar("S", bound=msgspec.Struct)
T = TypeVar("T")
U = TypeVar("U")
PAGE = 50
MAX_PAGE = 200  # rows a page: what a person can look over and a phone can hold

# Days of an order, a licence, a life: outside them the calendar arithmetic of months would leave its range.
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2100, 12, 31))]
Moment = Annotated[datetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), le=datetime(2100, 12, 31, tzinfo=UTC))]
Count = Annotated[int, Field(ge=1, le=10**9)]
Text = Annotated[str, Field(min_length=1, max_length=300)]
Code = Annotated[str, Field(min_length=1, max_length=80)]
TerritoryCode = Annotated[str, Field(pattern="^[0-9]{9}$")]
TerritoryPrefix = Annotated[str, Field(pattern="^[0-9]{0,9}$")]
MonthText = Annotated[str, Field(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")]


class Asked(BaseModel):
    """A request body: strict types, nothing unknown."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def values(self) -> dict[str, Any]:
        """By the names of the domain: an amount called ``price`` is ``price_minor`` there."""
        fields = ((name, getattr(self, name)) for name in type(self).model_fields)
        return dict((f"{n}_minor", v.minor) if isinstance(v, Tenge) else (n, v) for n, v in fields)


class ReasonGiven(Asked):
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class Tenge(Asked):
    """A positive amount with at most two places, as a string: a JSON number would arrive as a float."""

    amount: Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$", examples=["1250.00"])]
    currency: Literal["KZT"] = "KZT"

    @property
    def minor(self) -> int:
        return parse_amount(self.amount)


class Money(msgspec.Struct, frozen=True):
    """A decimal string with two places."""

    amount: str
    currency: str = KZT

    @classmethod
    def of(cls, minor: int) -> "Money":
        return cls(decimal_string(minor))


class Listing(msgspec.Struct, Generic[T], frozen=True):
    """One page. ``next``: the address of the page after it, null on the last."""

    items: list[T]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """Which page of a list is asked for: what comes after the cursor, at most ``limit``."""

    path: str
    query: dict[str, str]
    after: UUID | None
    limit: int

    def listing(self, found: list[U], show: Callable[[U], T], cursor: Callable[[U], UUID]) -> Listing[T]:
        """``found`` was asked for with one row more than the limit: that row says that there is a next page."""
        items = found[: self.limit]
        if len(found) <= self.limit:
            return Listing([show(item) for item in items])
        query = {**self.query, "after": str(cursor(items[-1])), "limit": str(self.limit)}
        return Listing([show(item) for item in items], f"{self.path}?{urlencode(query)}")


def shown(into: type[S], thing: object, **more: object) -> S:
    """The view ``into`` of a frozen dataclass: fields of the same name; ``price`` as money from ``price_minor``."""
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(into):
        name = field.name
        if name in more:
            values[name] = more[name]
        elif hasattr(thing, name):
            value = getattr(thing, name)
            values[name] = str(value) if isinstance(value, Month) else value
        else:
            minor = getattr(thing, f"{name}_minor")
            values[name] = None if minor is None else Money.of(minor)
    return into(**values)


def read_body(model: type[Asked], value: object) -> Asked:
    """Validated as JSON, so that an id is a string and an integer no float. Raises Malformed with every pointer."""
    try:
        return model.model_validate_json(msgspec.json.encode(value))
    except ValidationError as error:
        raise malformed(error) from None


def malformed(error: ValidationError) -> Malformed:
    faults = [
        {"pointer": "".join(f"/{escape(str(part))}" for part in fault["loc"]), "message": fault["msg"]}
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    return Malformed("The body does not fit this operation", errors=faults[:MAX_ERRORS])


class BodyPlugin(PydanticPlugin):
    """Litestar's own decoder is lax and keeps only names of fields: ours is strict and keeps pointers."""

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.plugins.append(PydanticSchemaPlugin())
        app_config.type_decoders = [(_is_asked, read_body), *(app_config.type_decoders or [])]
        return app_config


def _is_asked(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Asked)
