"""Charts as SVG: Vega-Lite specifications drawn by vl-convert, without a browser. For the press alone.

Positions of bars are computed here, in points, so that a name can stand above its bar and be as long as it needs.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import isnan
from typing import Any

import vl_convert

from market.web.pictures.ink import DASHES, FAINT, GROUND, MEASURED, SHAPES, TEXT, colours, fills, finish
from market.web.pictures.job import (
    BAR_PART,
    AnyChart,
    Bars,
    Drawing,
    Histogram,
    Line,
    Look,
    Series,
    has_axis,
    height,
    legend_columns,
    row_height,
    rows_height,
)

FONT, SMALL = 15, 13
BAND = 22  # the height of one bar
GAP = 0.03  # of its width: between one bar of a histogram and the next
LETTER = 8.5  # a generous width of one letter of a label
NUMBER = "format(datum.value, ',~f')"  # in the reader's signs, without zeros that say nothing
Spec = dict[str, Any]  # a piece of Vega-Lite


def draw(drawing: Drawing) -> bytes:
    chart, look = drawing.chart, drawing.look
    match chart:
        case Bars():
            layers = _bars(chart, look)
        case Line():
            layers = _line(chart, look)
        case Histogram():
            layers = _histogram(chart, look)
    whole = {
        "layer": layers,
        "width": look.width,
        "height": height(chart, look),
        "autosize": {"type": "fit", "contains": "padding"},
        "config": _dress(look),
    }
    svg = vl_convert.vegalite_to_svg(whole, allowed_base_urls=[], format_locale=_locale(chart))
    return finish(svg, chart.title, look)


def _bars(chart: Bars, look: Look) -> list[Spec]:
    ends = [max(0.0, *_sums(chart, at)) for at in range(len(chart.names))]
    said = chart.totals if chart.stacked else [label for series in chart.series for label in series.labels]
    room = LETTER * max((len(text) for text in said), default=0) + 8
    furthest = max(ends) * look.width / (look.width - room) or 1.0
    axis = {"title": chart.axis, "labelExpr": NUMBER, "tickCount": 4, "grid": False} if has_axis(chart) else None
    x = _place("from", [0, furthest]) | {"axis": axis}
    y = _place("top", [0, rows_height(chart)], reverse=True) | {"axis": None}
    bars = {"x": x, "x2": {"field": "to"}, "y": y, "y2": {"field": "bottom"}}
    names = [{"to": 0, "middle": n * row_height(chart) + 14, "text": name} for n, name in enumerate(chart.names)]
    return [
        _layer(_bar_rows(chart), {"type": "rect", "strokeWidth": 1.5}, bars | _inked(chart.series, look)),
        _texts(names, dx=0, weight="normal"),
        _texts(_label_rows(chart, ends), dx=6, weight="bold"),
    ]


def _sums(chart: Bars, at: int) -> list[float]:
    values = [series.values[at] for series in chart.series]
    return [sum(values)] if chart.stacked else values


def _bar_rows(chart: Bars) -> Iterator[Spec]:
    for n in range(len(chart.names)):
        top, begin = n * row_height(chart) + 24, 0.0
        for series in chart.series:
            value = series.values[n]
            yield {"series": series.name, "from": begin, "to": begin + value, "top": top, "bottom": top + BAND}
            if chart.stacked:
                begin += value
            else:
                top += BAR_PART


def _label_rows(chart: Bars, ends: Sequence[float]) -> Iterator[Spec]:
    for n, end in enumerate(ends):
        middle = n * row_height(chart) + 24 + BAND / 2
        if chart.stacked:
            yield from ({"to": end, "middle": middle, "text": text} for text in chart.totals[n : n + 1])
            continue
        for k, series in enumerate(chart.series):
            text = series.labels[n] if series.labels else ""
            yield {"to": series.values[n], "middle": middle + k * BAR_PART, "text": text}


def _line(chart: Line, look: Look) -> list[Spec]:
    rows = [
        {"series": series.name, "name": name, "value": None if isnan(value) else value}
        for series in chart.series
        for name, value in zip(chart.names, series.values, strict=True)
    ]
    months = {"title": None, "labelAngle": 0, "labelOverlap": "greedy", "labelSeparation": 8, "grid": False}
    places = {
        "x": {"field": "name", "type": "nominal", "sort": None, "axis": months},
        "y": _place("value", None) | {"axis": {"title": chart.axis, "labelExpr": NUMBER, "tickCount": 5}},
        "color": _scale(chart.series, colours(look), look),
    }
    dash, shape = _scale(chart.series, DASHES, look), _scale(chart.series, SHAPES, look)
    line = {"type": "line", "strokeWidth": 2.5, "invalid": "break-paths-show-path-domains"}
    return [
        _layer(rows, line, places | {"strokeDash": dash | {"legend": None}}),
        _layer(rows, {"type": "point", "size": 60, "filled": True, "opacity": 1}, places | {"shape": shape}),
    ]


def _histogram(chart: Histogram, look: Look) -> list[Spec]:
    (series,) = chart.series
    labels = series.labels or [""] * len(series.values)
    rows = [
        {"from": low, "to": high - GAP * (high - low), "middle": (low + high) / 2, "value": value, "zero": 0,
         "text": text, "series": series.name}
        for (low, high), value, text in zip(pairwise(chart.edges), series.values, labels, strict=True)
    ]  # fmt: skip
    edges = {"title": chart.across, "values": chart.edges, "labelExpr": NUMBER, "grid": False, "labelOverlap": "greedy"}
    counts = {"title": chart.axis, "labelExpr": NUMBER, "tickCount": 4}
    y = _place("value", [0, max(series.values) * 1.1 or 1]) | {"axis": counts}
    x = _place("from", [chart.edges[0], chart.edges[-1]]) | {"axis": edges}
    bars = {"x": x, "x2": {"field": "to"}, "y": y, "y2": {"field": "zero"}, "fill": _inked(chart.series, look)["fill"]}
    text = {"type": "text", "fontSize": SMALL, "baseline": "bottom", "dy": -3}
    above = {"x": _place("middle", None), "y": _place("value", None), "text": {"field": "text"}}
    return [_layer(rows, {"type": "rect"}, bars), _layer(rows, text, above)]


def _layer(rows: Iterator[Spec] | Sequence[Spec], mark: Spec, encoding: Spec) -> Spec:
    return {"data": {"values": list(rows)}, "mark": mark, "encoding": encoding}


def _texts(rows: Iterator[Spec] | Sequence[Spec], *, dx: int, weight: str) -> Spec:
    mark = {"type": "text", "align": "left", "baseline": "middle", "fontSize": FONT, "fontWeight": weight, "dx": dx}
    return _layer(rows, mark, {"x": _place("to", None), "y": _place("middle", None), "text": {"field": "text"}})


def _place(field: str, domain: Sequence[float] | None, *, reverse: bool = False) -> Spec:
    scale: Spec = {"domain": list(domain), "nice": False, "reverse": reverse} if domain else {}
    return {"field": field, "type": "quantitative", "scale": scale}


def _inked(series: Sequence[Series], look: Look) -> Spec:
    return {"fill": _scale(series, fills(), look), "stroke": _scale(series, colours(look), look)}


def _scale(series: Sequence[Series], values: Sequence[Any], look: Look) -> Spec:
    """Which ink, dash or shape each series has; one legend tells all of them, and none where there is one series."""
    names = [one.name for one in series]
    legend = {"title": None, "columns": legend_columns(look)} if len(names) > 1 else None
    scale = {"domain": names, "range": list(values[: len(names)])}
    return {"field": "series", "type": "nominal", "scale": scale, "legend": legend}


def _locale(chart: AnyChart) -> Spec:
    signs = chart.signs
    return {"decimal": signs.decimal, "thousands": signs.thousands, "grouping": [3], "currency": ["", ""]}


def _dress(look: Look) -> Spec:
    ground, text, faint = GROUND[look.contrast], TEXT[look.contrast], FAINT[look.contrast]
    return {
        "font": MEASURED,
        "background": ground,
        "padding": 4,
        "view": {"stroke": None},
        "text": {"color": text},
        "axis": {
            "labelFontSize": SMALL, "titleFontSize": SMALL, "titleFontWeight": "normal", "titlePadding": 8,
            "labelColor": text, "titleColor": text, "gridColor": faint, "tickColor": faint, "domainColor": faint,
        },
        "legend": {
            "orient": "top", "direction": "horizontal", "labelFontSize": FONT, "labelColor": text, "offset": 10,
            "labelLimit": look.width - 40, "symbolSize": 260, "symbolStrokeWidth": 2, "rowPadding": 6,
            "columnPadding": 18,
        },
    }  # fmt: skip
