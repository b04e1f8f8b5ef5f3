"""What the studio is asked to make, as it crosses to its process: plain values, every text in the reader's language."""

from enum import StrEnum
from math import ceil
from typing import Any

import msgspec

MAX_NAMES = 40  # bars below each other: more is a table
MAX_SERIES = 6  # as many inks as can be told apart without colour
MAX_POINTS = 60  # months on a line
MAX_TEXT = 120
ROW, BAR_PART, LINE = 52, 26, 24  # heights of a bar with its name, of each further bar beside it, of a line of text


class Look(StrEnum):
    """How wide the screen is, and whether the reader asked for high contrast (light on black)."""

    WIDE = "wide"
    NARROW = "narrow"
    WIDE_CONTRAST = "wide-contrast"
    NARROW_CONTRAST = "narrow-contrast"

    @property
    def narrow(self) -> bool:
        return self in {Look.NARROW, Look.NARROW_CONTRAST}

    @property
    def contrast(self) -> bool:
        return self in {Look.WIDE_CONTRAST, Look.NARROW_CONTRAST}

    @property
    def width(self) -> int:
        return 340 if self.narrow else 720


class Series(msgspec.Struct, frozen=True, array_like=True):
    """One ink. ``labels`` stand beside the values; none where the values are told by the axis and the table."""

    name: str
    values: list[float]
    labels: list[str] = []


class Signs(msgspec.Struct, frozen=True, array_like=True):
    """How the reader's locale writes numbers on an axis."""

    decimal: str
    thousands: str


class Chart(msgspec.Struct, frozen=True, tag_field="t", omit_defaults=True):
    """``title`` is what a reader of the picture alone is told; ``axis`` names the values and their unit."""

    title: str
    axis: str
    signs: Signs
    series: list[Series]


class Bars(Chart, frozen=True, tag="bars"):
    """A row for each name: its series on top of each other (with ``totals`` at the end) or beside each other."""

    names: list[str]
    stacked: bool = True
    totals: list[str] = []


class Line(Chart, frozen=True, tag="line"):
    """``names`` are the points in time, in order. A value of NaN is a gap."""

    names: list[str]


class Histogram(Chart, frozen=True, tag="histogram"):
    """One series: how many lie from ``edges[i]`` up to ``edges[i + 1]``. ``across`` names the edges' unit."""

    edges: list[float]
    across: str


AnyChart = Bars | Line | Histogram


class Drawing(msgspec.Struct, frozen=True, tag="drawing"):
    """Comes back as SVG."""

    chart: AnyChart
    look: Look


class Sheet(msgspec.Struct, frozen=True, tag="sheet"):
    """A document from ``sheets/<form>.typ`` and its values. Comes back as PDF. ``qr`` becomes a QR code."""

    form: str
    values: dict[str, Any]
    qr: str | None = None


Job = Drawing | Sheet


def check(chart: AnyChart) -> None:
    """What a chart can hold: ours to keep, not the reader's."""
    assert 0 < len(chart.series) <= MAX_SERIES
    across = len(chart.edges) - 1 if isinstance(chart, Histogram) else len(chart.names)
    assert 0 < across <= (MAX_NAMES if isinstance(chart, Bars) else MAX_POINTS)
    for series in chart.series:
        assert len(series.values) == across
        assert len(series.labels) in {0, across}


def height(chart: AnyChart, look: Look) -> int:
    """Known before it is drawn, so that a page does not jump when the picture comes."""
    legend = 0 if len(chart.series) == 1 else LINE * ceil(len(chart.series) / legend_columns(look)) + 8
    if isinstance(chart, Bars):
        return legend + rows_height(chart) + (2 * LINE if has_axis(chart) else 0) + LINE // 2
    return legend + (260 if look.narrow else 320)


def rows_height(chart: Bars) -> int:
    return len(chart.names) * row_height(chart)


def row_height(chart: Bars) -> int:
    return ROW if chart.stacked else ROW + BAR_PART * (len(chart.series) - 1)


def has_axis(chart: Bars) -> bool:
    """Where every bar says its value, an axis would say it again."""
    return chart.stacked and len(chart.series) > 1


def legend_columns(look: Look) -> int:
    return 1 if look.narrow else 3
