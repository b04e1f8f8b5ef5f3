"""What a chart says, in words, patterns and numbers; and who may have one drawn."""

import re

import pytest

from market.web.pictures.drawing import draw
from market.web.pictures.ink import COLOURS, GROUND
from market.web.pictures.job import Bars, Drawing, Look, height
from tests.web.pictures.samples import CHARTS, LETTERS, MONTHS, NEAR, STAGES, TIERS, Series


def texts(svg: bytes) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg.decode())


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: type(chart).__name__)
@pytest.mark.parametrize("look", Look)
def test_a_picture_is_as_large_as_the_page_was_told(chart: Bars, look: Look) -> None:
    svg = draw(Drawing(chart, look)).decode()
    assert f'width="{look.width}" height="{height(chart, look)}"' in svg[:300]
    assert f"<title>{chart.title}</title>" in svg


def test_every_name_and_total_is_written_out() -> None:
    said = texts(draw(Drawing(STAGES, Look.NARROW)))
    assert {*STAGES.names, *STAGES.totals, "Төленді", "Бос", "миллион теңге"} <= set(said)
    assert LETTERS in " ".join(said), "no Kazakh letter is lost"


def test_bars_beside_each_other_say_each_its_value() -> None:
    said = texts(draw(Drawing(TIERS, Look.WIDE)))
    assert {"320", "45", "0", "260"} <= set(said)


def test_numbers_on_an_axis_are_written_as_the_reader_writes_them() -> None:
    assert "1\N{NO-BREAK SPACE}500" in texts(draw(Drawing(MONTHS, Look.WIDE)))
    assert "2,5" in texts(draw(Drawing(NEAR, Look.WIDE)))


def test_series_differ_by_pattern_before_they_differ_by_colour() -> None:
    six = Bars("t", "a", STAGES.signs, [Series(str(n), [1.0]) for n in range(6)], names=["x"], totals=["6"])
    svg = draw(Drawing(six, Look.WIDE)).decode()
    patterns = re.findall(r'<pattern id="ink\d"[^>]*>(.*?)</pattern>', svg)
    forms = {re.sub("#[0-9a-f]{6}", "", pattern) for pattern in patterns[1:5]}
    assert len(forms) == 4, "four different patterns"
    assert all(f'fill="url(#ink{n})"' in svg for n in range(6))
    assert len(set(re.findall(r'<rect width="8" height="8" fill="(#\w+)"', svg))) == 2, (
        "and a full one and an empty one"
    )


def test_every_ink_stands_out_from_its_ground() -> None:
    for dark, light in COLOURS:
        assert contrast(dark, GROUND[0]) >= 4.5
        assert contrast(light, GROUND[1]) >= 4.5


def test_a_picture_asks_for_nothing_and_has_no_style_of_its_own() -> None:
    for chart in CHARTS:
        svg = draw(Drawing(chart, Look.WIDE)).decode()
        assert "style=" not in svg
        assert "<style" not in svg
        assert set(re.findall(r"(?:https?:)?//[^\"'<> ]+", svg)) <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1999/xlink",
        }
        assert "Noto Sans" in svg


def test_a_title_cannot_leave_its_place() -> None:
    wicked = Bars("</title><script>", "a", STAGES.signs, [Series("<b>", [1.0])], names=['"&<'], totals=["1"])
    svg = draw(Drawing(wicked, Look.WIDE)).decode()
    assert "<script" not in svg
    assert "<b>" not in svg


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
