"""Every page that links lead to from the first one, found without a browser: new pages are found by themselves."""

import re
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from contracts.kernel.work import Role
from market.app import create_app
from market.settings import Settings
from tests.browser.installation import VISITOR, Installation
from tests.browser.markup import Page

EXAMPLES = 3  # of one route with one set of query names
NOT_FOLLOWED = ("/language/", "/display/", "/assets/")  # how the reader sees, not what
MAX_VISITS = 1500  # a crawl that finds more goes in circles


@dataclass(frozen=True, slots=True)
class Route:
    template: str
    public: bool
    _pattern: re.Pattern[str]

    def fits(self, path: str) -> bool:
        return self._pattern.fullmatch(path) is not None


@dataclass(frozen=True)
class Visit:
    """What a role got at an address; ``came_from`` is the page with the link. ``route`` None: no such page."""

    role: str
    address: str
    came_from: str
    route: Route | None
    status: int
    media_type: str
    text: str = field(repr=False)

    @property
    def is_page(self) -> bool:
        return self.status == 200 and self.media_type == "text/html"

    @cached_property
    def page(self) -> Page:
        return Page(self.text)

    @property
    def kind(self) -> tuple[str, tuple[str, ...]]:
        return _kind(self.route, self.address)


@lru_cache(maxsize=1)
def routes() -> Sequence[Route]:
    """Every address that answers GET and is neither API nor asset; plain ones before those with parameters."""
    app = create_app(Settings(Path("/nonexistent"), "sqlite://", None, None, None))
    found = [
        Route(route.path_format, bool(handler.opt.get("public")), _pattern(route.path_format))
        for route in app.routes
        if isinstance(route, HTTPRoute) and not route.path_format.startswith(("/api/", "/assets/"))
        for handler in _get_handlers(route)
    ]
    return sorted(found, key=lambda r: (r.template.count("{"), r.template))


def _get_handlers(route: HTTPRoute) -> Iterable[HTTPRouteHandler]:
    return [handler for handler in route.route_handlers if "GET" in handler.http_methods]


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}", template)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


def route_of(path: str) -> Route | None:
    return next((route for route in routes() if route.fits(path)), None)


def _kind(route: Route | None, address: str) -> tuple[str, tuple[str, ...]]:
    split = urlsplit(address)
    names = sorted({name for name, _value in parse_qsl(split.query)})
    return (route.template if route else split.path, tuple(names))


def crawl(site: Installation, role: str) -> list[Visit]:
    with site.signed_in(role) as client:
        return _walk(client, role, ["/", *_behind_a_search(site, role)])


def _behind_a_search(site: Installation, role: str) -> list[str]:
    """An operator comes to a person by number, never by a link."""
    if role != Role.OPERATOR:
        return []
    return [f"/people/{found['number']}" for found in site.get(Role.RECIPIENT, "/recipients")["items"]]


def _walk(client: httpx.Client, role: str, doors: Sequence[str]) -> list[Visit]:
    waiting, seen = deque((door, "") for door in doors), set(doors)
    taken: Counter[tuple[str, tuple[str, ...]]] = Counter()
    visits: list[Visit] = []
    while waiting:
        address, came_from = waiting.popleft()
        route = route_of(urlsplit(address).path)
        kind = _kind(route, address)
        taken[kind] += 1
        if taken[kind] > EXAMPLES:
            continue
        visit = _visit(client, role, address, came_from, route)
        visits.append(visit)
        assert len(visits) < MAX_VISITS, "the crawl goes in circles"
        for found in _addresses(visit, client):
            if found not in seen and not found.startswith(NOT_FOLLOWED):
                seen.add(found)
                waiting.append((found, address))
    return visits


def _visit(client: httpx.Client, role: str, address: str, came_from: str, route: Route | None) -> Visit:
    answer = client.get(address)
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    text = answer.text if media_type == "text/html" else answer.headers.get("location", "")
    return Visit(role, address, came_from, route, answer.status_code, media_type, text)


def _addresses(visit: Visit, client: httpx.Client) -> list[str]:
    """Links, redirects and forms that ask, of our own site only, without the part of the page."""
    if 300 <= visit.status < 400:
        found = [visit.text]
    elif visit.is_page:
        asking = [form.query() for form in visit.page.forms if form.method == "get"]
        found = [*visit.page.links, *visit.page.pictures, *asking]
    else:
        found = []
    inside = []
    for link in found:
        split = urlsplit(urljoin(urljoin(str(client.base_url), visit.address), link))
        if f"{split.scheme}://{split.netloc}" == str(client.base_url).rstrip("/"):
            inside.append(split.path + (f"?{split.query}" if split.query else ""))
    return inside


def to_look_at(visits: Iterable[Visit]) -> list[Visit]:
    """One page of each kind. Those that anybody may see are looked at as a visitor, a recipient and an auditor: what a
    role changes in them is the head."""
    chosen: dict[tuple[str, tuple[str, ...]], Visit] = {}
    for visit in visits:
        route = visit.route
        everybody = route is not None and route.public
        if visit.is_page and route and not (everybody and visit.role not in {VISITOR, "recipient", "auditor"}):
            chosen.setdefault(visit.kind, visit)
    return list(chosen.values())
