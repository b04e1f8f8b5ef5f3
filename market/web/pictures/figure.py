"""Charts for pages: numbers in, a figure out, with its addresses, its words and the table of the same numbers.

Every sentence given here is in the reader's language already. Templates: ``frame/chart.html``, macro ``figure``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from babel import dates, numbers

from contracts.kernel.money import MINOR_PER_MAJOR
from contracts.kernel.period import Month
from market.web.formats import filters
from market.web.language import LOCALE_OF, _, language_of, tr
from market.web.pictures.address import address, packed
from market.web.pictures.job import AnyChart, Bars, Histogram, Line, Look, Series, Signs, height
from market.web.rendering import display_of
from market.web.work import WebRequest

KILOMETRE = 1000
Values = Sequence[tuple[str, Sequence[int]]]  # by series: its name and a value for each row
GAP = float("nan")


@dataclass(frozen=True, slots=True)
class Picture:
    """One look of a chart."""

    src: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Figure:
    caption: str
    alt: str
    wide: Picture
    narrow: Picture
    table: str
    heads: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class _Scale:
    """What a tiyn amount is divided by on an axis, what that axis is called, and how one amount is said."""

    divisor: int
    axis: str
    said: str


_SCALES = (
    _Scale(10**9 * MINOR_PER_MAJOR, _("billion tenge"), _("%(amount)s bn ₸")),
    _Scale(10**6 * MINOR_PER_MAJOR, _("million tenge"), _("%(amount)s m ₸")),
    _Scale(10**3 * MINOR_PER_MAJOR, _("thousand tenge"), _("%(amount)s thousand ₸")),
    _Scale(MINOR_PER_MAJOR, _("tenge"), _("%(amount)s ₸")),
)


def money_bars(
    request: WebRequest, caption: str, head: str, names: Sequence[str], values: Values, *, stacked: bool = True
) -> Figure:
    """Tiyn by name, in series on top of each other or side by side. ``head`` says what the names are."""
    language = language_of(request)
    sums = [sum(column) for column in zip(*(column for _name, column in values), strict=True)]
    scale = _scale(sums if stacked else [value for _name, column in values for value in column])
    say = _sayer(language)
    series = [_series(name, column, scale.divisor, None if stacked else say) for name, column in values]
    totals = [say(total) for total in sums] if stacked else []
    axis = tr(language, scale.axis)
    chart = Bars(caption, axis, _signs(language), series, list(names), stacked=stacked, totals=totals)
    return _figure(request, chart, head, names, values, filters(language)["money"])


def count_bars(
    request: WebRequest, caption: str, head: str, names: Sequence[str], values: Values, *, axis: str,
    stacked: bool = False,
) -> Figure:  # fmt: skip
    """How many, by name: tiers served and not served, places by region. ``axis`` says what is counted."""
    language = language_of(request)
    number = filters(language)["number"]
    sums = [sum(column) for column in zip(*(column for _name, column in values), strict=True)]
    series = [_series(name, column, 1, None if stacked else number) for name, column in values]
    totals = [number(total) for total in sums] if stacked else []
    chart = Bars(caption, axis, _signs(language), series, list(names), stacked=stacked, totals=totals)
    return _figure(request, chart, head, names, values, number)


def money_by_month(request: WebRequest, caption: str, months: Sequence[Month], values: Values) -> Figure:
    """Tiyn over months without gaps."""
    language = language_of(request)
    scale = _scale([value for _name, column in values for value in column])
    series = [_series(name, column, scale.divisor, None) for name, column in values]
    chart = Line(caption, tr(language, scale.axis), _signs(language), series, _month_names(language, months))
    return _by_month(request, chart, months, values, filters(language)["money"])


def count_by_month(request: WebRequest, caption: str, months: Sequence[Month], values: Values, *, axis: str) -> Figure:
    language = language_of(request)
    series = [_series(name, column, 1, None) for name, column in values]
    chart = Line(caption, axis, _signs(language), series, _month_names(language, months))
    return _by_month(request, chart, months, values, filters(language)["number"])


def distances(request: WebRequest, caption: str, edges_m: Sequence[int], counts: Sequence[int], *, axis: str) -> Figure:
    """How many lie from one edge up to the next, in metres."""
    language = language_of(request)
    number = filters(language)["number"]
    series = [Series(axis, [float(count) for count in counts], [number(count) for count in counts])]
    edges = [edge / KILOMETRE for edge in edges_m]
    across = tr(language, _("distance, km"))
    chart = Histogram(caption, axis, _signs(language), series, edges, across)
    names = [f"{number(low)} – {number(high)}" for low, high in pairwise(edges)]
    return _figure(request, chart, across, names, [(axis, counts)], number)


def _by_month(
    request: WebRequest, chart: AnyChart, months: Sequence[Month], values: Values, say: Callable[[int], str]
) -> Figure:
    language = language_of(request)
    month = filters(language)["month"]
    return _figure(request, chart, tr(language, _("Month")), [month(one) for one in months], values, say)


def _figure(
    request: WebRequest, chart: AnyChart, head: str, names: Sequence[str], values: Values, say: Callable[[int], str]
) -> Figure:
    name = packed(request.app.state.site.studio.key, chart)
    contrast = "contrast" in display_of(request)
    wide, narrow = (
        Picture(address(look, name), look.width, height(chart, look))
        for look in ((Look.WIDE_CONTRAST, Look.NARROW_CONTRAST) if contrast else (Look.WIDE, Look.NARROW))
    )
    language = language_of(request)
    alt = tr(language, _("Chart: %(caption)s. The table below says the same."), caption=chart.title)
    rows = [[row, *(say(column[at]) for _name, column in values)] for at, row in enumerate(names)]
    heads = [head, *(series for series, _column in values)]
    return Figure(chart.title, alt, wide, narrow, tr(language, _("The numbers as a table")), heads, rows)


def _series(name: str, column: Sequence[int], divisor: int, say: Callable[[int], str] | None) -> Series:
    return Series(name, [value / divisor for value in column], [say(value) for value in column] if say else [])


def _scale(values: Sequence[int]) -> _Scale:
    """The largest unit in which the largest amount is one or more."""
    largest = max((abs(value) for value in values), default=0)
    return next((scale for scale in _SCALES if largest >= scale.divisor), _SCALES[-1])


def _sayer(language: str) -> Callable[[int], str]:
    """Each amount in its own unit: a thousand beside a billion is not nothing."""

    def say(minor: int) -> str:
        scale = _scale([minor])
        amount = numbers.format_decimal(minor / scale.divisor, "#,##0.#", locale=LOCALE_OF[language])
        return tr(language, scale.said, amount=amount).replace(" ", "\N{NO-BREAK SPACE}")

    return say


def _signs(language: str) -> Signs:
    locale = LOCALE_OF[language]
    return Signs(numbers.get_decimal_symbol(locale), numbers.get_group_symbol(locale))


def _month_names(language: str, months: Sequence[Month]) -> list[str]:
    """Short ones; with the year where there is more than one."""
    pattern = "LLL" if len({month.year for month in months}) == 1 else "LLL yy"
    return [dates.format_date(month.first_day, pattern, locale=LOCALE_OF[language]) for month in months]
