"""Charts by their addresses: a page names them, the browser asks for them, the studio draws them."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from market.web.pictures.address import unpacked
from market.web.pictures.job import Drawing, Look
from market.web.problems import NoSuchAddress
from market.web.work import TheCaller

PUBLIC: dict[str, Any] = {"public": True}  # whoever has the address has read the page it stands on: it is signed by us
KEPT = "private, max-age=86400, immutable"  # an address is its picture; a day, because a release may draw better


@get("/charts/{look:str}/{name:str}", sync_to_thread=True, opt=PUBLIC)
def show_chart(caller: TheCaller, look: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    if look not in set(Look):
        raise NoSuchAddress
    studio = caller.site.studio
    svg = studio.make(Drawing(unpacked(studio.key, name), Look(look)))
    return Response(svg, media_type="image/svg+xml", headers={"Cache-Control": KEPT})


HANDLERS = [show_chart]
