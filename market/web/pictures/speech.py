"""How one language says things in a document."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.kernel.calendar import civil_date
from market.catalogue.rules import CareSetting, ServiceKind
from market.web.formats import filters
from market.web.language import tr

DAY = timedelta(days=1)


def day_of(instant: datetime) -> list[int]:
    """The document's date: that of the thing it shows, so that the same thing gives the same document."""
    day = civil_date(instant)
    return [day.year, day.month, day.day]


@dataclass(frozen=True, slots=True)
class Speech:
    language: str

    def __call__(self, sentence: str, **values: object) -> str:
        return tr(self.language, sentence, **values)

    def say(self, how: str, value: object) -> str:
        """By one of the filters of the templates."""
        return filters(self.language)[how](value)

    def service(self, kind: str, setting: str) -> str:
        return f"{self.say('words', ServiceKind(kind))}, {self.say('words', CareSetting(setting))}"

    def days(self, first: date, last: date) -> str:
        """In figures, as on a form."""
        begin, end = (f"{day:%d.%m.%Y}" for day in (first, last))
        return begin if begin == end else f"{begin} – {end}"
