"""The files that pages are drawn with: from the npm packages and our own, served by ourselves from memory.

An address holds its content's hash, so a browser may keep it for good and a new release is seen at once. In our own
style sheets and scripts ``asset:NAME`` stands for the address of another file.
"""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from litestar import Response, get
from litestar.params import FromPath

from contracts.kernel.errors import NotFound, Unavailable
from market.web.work import WebRequest

ASSETS = Path(__file__).resolve().parent / "assets"
NPM = ASSETS / "node_modules"
FROM_NPM = {
    "govuk.css": "govuk-frontend/dist/govuk/govuk-frontend.min.css",
    "govuk.js": "govuk-frontend/dist/govuk/govuk-frontend.min.js",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "swagger.css": "swagger-ui-dist/swagger-ui.css",
    "swagger.js": "swagger-ui-dist/swagger-ui-bundle.js",
    **{
        f"noto-{script}-{weight}.woff2": f"@fontsource/noto-sans/files/noto-sans-{script}-{weight}-normal.woff2"
        for script in ("latin", "cyrillic", "cyrillic-ext")
        for weight in (400, 700)
    },
}
COMPRESSED = {".css", ".js", ".svg", ".json"}
KEPT_FOR_GOOD = "public, max-age=31536000, immutable"
KEPT_FOR_AN_HOUR = "public, max-age=3600"  # asked for by its plain name
_FOREIGN_FACE = re.compile(rb"@font-face\{[^}]*\}")  # that typeface may be used on one government's pages only
_REFERENCE = re.compile(rb"asset:([a-z0-9.-]+)")


class AssetsMissing(Unavailable):
    code = "assets-missing"
    title = "The files that pages are drawn with are not installed; run 'make setup'"


@dataclass(frozen=True, slots=True)
class Asset:
    address: str
    media_type: str
    content: bytes
    compressed: bytes | None


@lru_cache(maxsize=1)
def assets() -> Mapping[str, Asset]:
    """By plain name. Raises AssetsMissing."""
    made: dict[str, Asset] = {}
    try:
        for name, path in FROM_NPM.items():
            made[name] = _asset(name, _FOREIGN_FACE.sub(b"", (NPM / path).read_bytes()))
    except FileNotFoundError:
        raise AssetsMissing from None
    for file in _leaves_first(ASSETS / "site"):
        made[file.name] = _asset(file.name, _REFERENCE.sub(lambda m: _address_in(made, m[1]), file.read_bytes()))
    return made


def _leaves_first(folder: Path) -> Iterable[Path]:
    """Style sheets and scripts name other files, never one another's kin."""
    return sorted((f for f in folder.iterdir() if f.is_file()), key=lambda f: (f.suffix in {".css", ".js"}, f.name))


def _address_in(made: Mapping[str, Asset], name: bytes) -> bytes:
    return made[name.decode()].address.encode()


def _asset(name: str, content: bytes) -> Asset:
    stem, _dot, suffix = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:12]
    small = gzip.compress(content, mtime=0) if f".{suffix}" in COMPRESSED else None
    kind = {"js": "text/javascript", "woff2": "font/woff2"}.get(suffix) or mimetypes.guess_type(name)[0]
    text = "; charset=utf-8" if small is not None else ""
    return Asset(f"/assets/{stem}.{digest}.{suffix}", f"{kind or 'application/octet-stream'}{text}", content, small)


@lru_cache(maxsize=1)
def _by_address() -> Mapping[str, Asset]:
    return {asset.address: asset for asset in assets().values()}


def asset(name: str) -> str:
    """The address of a file, for a template."""
    return assets()[name].address


@get("/assets/{name:str}", sync_to_thread=False, include_in_schema=False)
def serve_asset(request: WebRequest, name: FromPath[str]) -> Response[bytes]:
    """``name`` with the hash, or plain."""
    found = _by_address().get(f"/assets/{name}")
    kept = KEPT_FOR_GOOD if found else KEPT_FOR_AN_HOUR
    found = found or assets().get(name)
    if found is None:
        raise NotFound
    headers = {"Cache-Control": kept, "Vary": "Accept-Encoding"}
    if found.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.compressed, media_type=found.media_type, headers=headers | {"Content-Encoding": "gzip"})
    return Response(found.content, media_type=found.media_type, headers=headers)
