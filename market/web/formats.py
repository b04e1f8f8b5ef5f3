"""Money, days, numbers, distances and the words of statuses, as the reader writes them. Filters of every template."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from babel import Locale, dates, numbers

from contracts.collection.doubts import DueDoubt
from contracts.kernel.calendar import ALMATY
from contracts.kernel.money import decimal_string
from contracts.kernel.period import Month
from contracts.payment.doubts import Doubt, read_back
from market.catalogue.service import shipped
from market.web.language import LOCALE_OF, _, tr
from market.web.wire import Money
from market.web.words import WORDS

NOTHING = "–"
KILOMETRE = 1000
NEAR_METRES = 50  # nearer than this nobody's coordinates are right
ORDERED = {
    "amount": _("the amount"),
    "currency": _("the currency"),
    "destination": _("the account it goes to"),
    "transfer group": _("the payment it belongs to"),
    "collection": _("the payment it belongs to"),
}
Filter = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Formats:
    """Each public method is a filter of the same name."""

    language: str

    @property
    def locale(self) -> Locale:
        return LOCALE_OF[self.language]

    def money(self, value: Money | int | None) -> str:
        """Wire money or tiyn. Whole tenge are written without the two zeros."""
        if value is None:
            return NOTHING
        # the sums of a database may be decimals
        amount = Decimal(value.amount if isinstance(value, Money) else decimal_string(int(value)))
        whole = amount == amount.to_integral_value()
        return numbers.format_decimal(amount, _WHOLE_TENGE if whole else _TENGE, locale=self.locale)

    def number(self, value: float | Decimal | None) -> str:
        return NOTHING if value is None else numbers.format_decimal(value, locale=self.locale)

    def percent(self, value: float | None) -> str:
        return NOTHING if value is None else numbers.format_percent(value, _PERCENT, locale=self.locale)

    def day(self, value: date | None) -> str:
        return (
            NOTHING if value is None else dates.format_date(value, _DAY.get(self.language, "long"), locale=self.locale)
        )

    def moment(self, value: datetime | None) -> str:
        """By the clock on the wall in the country."""
        if value is None:
            return NOTHING
        return dates.format_datetime(value, _MOMENT[self.language], tzinfo=ALMATY, locale=self.locale)

    def month(self, value: Month | str | date | None) -> str:
        if value is None:
            return NOTHING
        first = value if isinstance(value, date) else date.fromisoformat(f"{value}-01")
        return dates.format_skeleton("yMMMM", first, locale=self.locale)

    def distance(self, metres: int | None) -> str:
        if metres is None:
            return NOTHING
        if metres < NEAR_METRES:
            return tr(self.language, _("very near"))
        if metres < KILOMETRE:
            return tr(self.language, _("%(metres)s m"), metres=self.number(metres // 50 * 50))
        kilometres = Decimal(metres) / KILOMETRE
        places = 1 if kilometres < 10 else 0  # noqa: PLR2004 - past ten a walker counts whole kilometres
        return tr(self.language, _("%(kilometres)s km"), kilometres=self.number(round(kilometres, places)))

    def words(self, value: StrEnum | None) -> str:
        return NOTHING if value is None else tr(self.language, WORDS[type(value)][value])

    def doubt(self, text: str) -> str:
        """What we ourselves say of a payment's trouble, in or out; nothing where the words are the server's."""
        said = read_back(text, Doubt, DueDoubt)
        if said is None:
            return ""
        values = {name: self._in_doubt(name, value) for name, value in said.values.items()}
        if said.values.get("what") == "amount":
            values |= {name: self._tiyn(said.values[name]) for name in ("theirs", "ours")}
        return self.words(said.doubt) % values

    def _in_doubt(self, name: str, value: str) -> str:
        if name == "what":
            return tr(self.language, ORDERED.get(value, value))
        return self._tiyn(value) if name in {"back", "received", "whole"} else value

    def _tiyn(self, value: str) -> str:
        return self.money(int(value)) if value.isdecimal() else value

    def place(self, code: str | None) -> str:
        """A territory's name, by its code or prefix; the empty prefix is the whole country."""
        if code is None:
            return NOTHING
        if not code:
            return tr(self.language, _("the whole country"))
        return place_names(self.language).get(code.ljust(9, "0"), code)

    def said(self, sentence: str) -> str:
        """A sentence that may be ours, such as where a rule comes from; somebody else's words stay as they are."""
        return tr(self.language, sentence)

    def locality(self, id_: int, name: str) -> str:
        """``name``: as the gazetteer has it, in Latin letters, for a place we do not ship."""
        return locality_names(self.language).get(id_, name)


def filters(language: str) -> dict[str, Filter]:
    formats = Formats(language)
    names = (
        "money", "number", "percent", "day", "moment", "month", "distance", "words", "doubt", "place", "locality",
        "said",
    )  # fmt: skip
    return {name: getattr(formats, name) for name in names}


_TENGE, _WHOLE_TENGE = "#,##0.00\N{NO-BREAK SPACE}₸", "#,##0\N{NO-BREAK SPACE}₸"
_PERCENT = "#,##0.#\N{NO-BREAK SPACE}%"
_DAY = {"ru": "d MMMM y"}  # without the year's sign, whose point would be the sentence's second one
_MOMENT = {"kk": "y\u202f'ж'. d MMMM, HH:mm", "ru": "d MMMM y, HH:mm", "en": "d MMMM y, HH:mm"}


CYRILLIC = {"kg": "кг", "l": "л"}  # the same in Kazakh and Russian


@lru_cache(maxsize=4)
def place_names(language: str) -> dict[str, str]:
    return {row["code"]: row[f"name_{language}"] for row in shipped("territories")}


@lru_cache(maxsize=4)
def locality_names(language: str) -> dict[int, str]:
    """In Kazakh and Russian; English has the gazetteer's."""
    column = "name" if language == "en" else f"name_{language}"
    return {int(row["id"]): row[column] for row in shipped("localities")}


@lru_cache(maxsize=4)
def item_names(language: str) -> dict[str, str]:
    """What may be done at a visit, by code, as the catalogue we ship calls it."""
    return {row["code"]: row[f"name_{language}"] for row in shipped("items")}


def measure(language: str, unit: str | None) -> str:
    """An item's unit as it is written after a number; what we know no sign for stays as the catalogue has it."""
    return CYRILLIC.get(unit or "", unit or "") if language != "en" else unit or ""


def item_said(language: str, code: str, amount: int | None) -> str:
    """With how much of it, where that was noted, in the item's own unit."""
    name = item_names(language).get(code, code)
    unit = measure(language, next((row["limit_unit"] for row in shipped("items") if row["code"] == code), ""))
    return name if amount is None else f"{name}: {amount} {unit}".rstrip()
