"""A page with every kind of picture, for tests: built like any other page."""

from typing import Any

from jinja2 import ChoiceLoader, DictLoader
from litestar import Response, get

from contracts.kernel.period import Month
from market.web.language import LANGUAGES
from market.web.pictures import figure, reach
from market.web.pictures import map as maps
from market.web.pictures.cluster import Spot
from market.web.rendering import environment, render
from market.web.work import WebRequest

PAGE = """{% extends "frame/page.html" %}
{% from "frame/chart.html" import figure %}{% from "frame/map.html" import map, reach %}
{% block title %}Gallery{% endblock %}{% block content %}<h1 class="govuk-heading-l">Gallery</h1>
{{ map(strewn) }}{{ map(shaded) }}{{ map(region) }}{{ reach(near) }}{{ figure(money) }}{{ figure(tiers) }}
{{ figure(months) }}{{ figure(distances) }}{% endblock %}"""
HOME = (71.4704, 51.1605)
ASTANA, TURKISTAN, MANGYSTAU = "710000000", "610000000", "470000000"
PUBLIC: dict[str, Any] = {"public": True}


@get("/gallery", sync_to_thread=True, opt=PUBLIC)
def gallery(request: WebRequest) -> Response[str]:
    return render(request, "gallery.html", **_maps(request), **_charts(request))


class Gallery:
    """Stands among the modules of pages."""

    HANDLERS = (gallery,)


def hang() -> None:
    for language in LANGUAGES:
        kept = environment(language)
        assert kept.loader is not None
        kept.loader = ChoiceLoader([kept.loader, DictLoader({"gallery.html": PAGE})])


def _maps(request: WebRequest) -> dict[str, Any]:
    spots = [Spot(40, 71.4, 51.1), Spot(3, 71.5, 51.2), Spot(1, 51.2, 43.7, "P-7", "Жылы үй <b>")]
    offers = [reach.Offer(n, f"Үй {n}", (71.45 + n / 100, 51.16), f"#offer-{n}") for n in range(1, 6)]
    values = maps.Values("Адам", {ASTANA: 1200, TURKISTAN: 7}, say=str)
    return {
        "strewn": maps.draw(
            request, "Картада", link="?territory={}".format, spots=spots, spot_link="/directory/{}".format
        ),
        "shaded": maps.draw(request, "Күтіп тұр", link="?territory={}".format, values=values),
        "region": maps.draw(request, "Түркістан", area=TURKISTAN),
        "near": reach.draw(request, "Айналаңызда", home=HOME, offers=[*offers, reach.Offer(6, "Үй 6", HOME)]),
    }


def _charts(request: WebRequest) -> dict[str, Any]:
    kinds = ["үйдегі көмек", "құқықтық көмек"]
    months = [Month(2025, 12), Month(2026, 1)]
    return {
        "money": figure.money_bars(request, "Ақша", "Қызмет", kinds, [("Төленді", [123456789000, 99900])]),
        "tiers": figure.count_bars(
            request, "Санаттар", "Санат", ["0", "1"], [("Орын алды", [1200, 3]), ("Күтіп тұр", [0, 4])], axis="адам"
        ),
        "months": figure.money_by_month(request, "Айлар", months, [("Төленді", [100, 5_000_000_00])]),
        "distances": figure.distances(request, "Қашықтық", [0, 2500, 5000], [12, 3], axis="адам"),
    }
