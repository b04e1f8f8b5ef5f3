"""A chart's address holds the chart: its numbers, packed and signed by us.

So any of our servers can draw it at any time, a page never waits for its pictures, and nobody but us can have texts
drawn under our name. The price: an address of about a thousand letters; nothing may stand in a chart that its reader
does not also read in the table beneath it.
"""

import hmac
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec

from market.keys import random_key, secret_file
from market.settings import Settings
from market.web.pictures.job import AnyChart, Look, check
from market.web.problems import NoSuchAddress

PURPOSE = b"addresses of pictures"  # the installation's key for signing is made of its look-up key, for this alone
MAX_ADDRESS = 6000  # letters: servers and proxies take 8000
SIGNATURE = 16  # bytes
_CHART: msgspec.msgpack.Decoder[AnyChart] = msgspec.msgpack.Decoder(AnyChart)  # before there are threads
_NAME = re.compile(rf"([A-Za-z0-9_-]{{1,{MAX_ADDRESS}}})\.svg")


def address_key(settings: Settings) -> bytes:
    """The same on every server of the installation."""
    return hmac.digest(settings.iin_key or secret_file(settings.home, "iin.key", random_key()), PURPOSE, "sha256")


def packed(key: bytes, chart: AnyChart) -> str:
    """The last part of its address, the same for every look of it."""
    check(chart)
    data = zlib.compress(msgspec.msgpack.encode(chart), 9)
    name = urlsafe_b64encode(_signature(key, data) + data).decode().rstrip("=")
    assert len(name) <= MAX_ADDRESS, "a chart with so much in it is a table"
    return f"{name}.svg"


def unpacked(key: bytes, name: str) -> AnyChart:
    """Raises NoSuchAddress for what we have not signed."""
    written = _NAME.fullmatch(name)
    if written is None or len(written[1]) % 4 == 1:
        raise NoSuchAddress
    signed = urlsafe_b64decode(written[1] + "=" * (-len(written[1]) % 4))
    data = signed[SIGNATURE:]
    if not hmac.compare_digest(signed[:SIGNATURE], _signature(key, data)):
        raise NoSuchAddress
    chart: AnyChart = _CHART.decode(zlib.decompress(data))
    return chart


def address(look: Look, name: str) -> str:
    return f"/charts/{look}/{name}"


def _signature(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")[:SIGNATURE]
