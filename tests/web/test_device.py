"""What somebody sits at, in words that they recognise."""

import pytest

from market.user.factors import MAX_DEVICE
from market.web.device import BROWSERS, SYSTEMS, device_of

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0"


@pytest.mark.parametrize(
    ("header", "device"),
    [
        (f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36", "Chrome, Android"),
        (f"Mozilla/5.0 (Linux; Android 13) SamsungBrowser/25.0 {CHROME} Safari/537.36", "Samsung Internet, Android"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} YaBrowser/24.7 Safari/537.36", "Yandex Browser, Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/129.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Linux"),
        ("python-httpx/0.28", ""),
        ("", ""),
        ("x" * 100_000 + "Chrome/1", ""),
        ("<script>Chrome/1</script>", "Chrome"),
    ],
)  # fmt: skip
def test_a_browser_and_a_system_by_name_and_nothing_else_of_the_header(header: str, device: str) -> None:
    assert device_of(header) == device


def test_every_name_fits_its_column() -> None:
    names = [max((name for _mark, name in known), key=len) for known in (BROWSERS, SYSTEMS)]
    assert len(", ".join(names)) <= MAX_DEVICE
