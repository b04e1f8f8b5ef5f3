"""``make messages``: what the pages say, put into the catalogues of each area, beside the translations there are.

An area is a folder of pages and templates with its own catalogue, ``market/locales/<language>/<area>.po``; whatever is
said outside such a folder belongs to the frame. Name areas to write only theirs.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from market.web.language import LOCALE_OF, LOCALES

ROOT = Path(__file__).resolve().parents[2]
FRAME = "frame"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
OPTIONS = {"extensions": "jinja2.ext.i18n", "trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"}
Sentence = str | tuple[str, ...]


def area_of(path: Path) -> str:
    parts = path.relative_to(ROOT / "market").parts
    if parts[0] == "web" and parts[1] in {"pages", "templates"} and len(parts) > 3:
        return parts[2]
    return "pictures" if parts[:2] == ("web", "pictures") else FRAME


def said() -> dict[str, dict[Sentence, Path]]:
    """By area: every marked sentence (singular and plural as a pair) and a place where it is said."""
    found: dict[str, dict[Sentence, Path]] = {}
    for path, sentence in _extracted():
        found.setdefault(area_of(path), {}).setdefault(sentence, path)
    return {
        area: {s: p for s, p in sentences.items() if area == FRAME or s not in found.get(FRAME, {})}
        for area, sentences in sorted(found.items())
    }


def _extracted() -> Iterator[tuple[Path, Sentence]]:
    for path in sorted((ROOT / "market").rglob("*")):
        if "node_modules" in path.parts or path.suffix not in {".py", ".html"}:
            continue
        method = "python" if path.suffix == ".py" else "jinja2"
        options = {} if path.suffix == ".py" else OPTIONS
        for _line, sentence, _comments, _context in extract_from_file(method, path, KEYWORDS, options=options):
            yield path, tuple(s for s in sentence if s) if isinstance(sentence, tuple) else sentence


def catalogue_file(language: str, area: str) -> Path:
    return LOCALES / language / f"{area}.po"


def read(language: str, area: str) -> Catalog:
    path = catalogue_file(language, area)
    if not path.exists():
        return Catalog(locale=LOCALE_OF[language])
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE_OF[language], abort_invalid=True)


def write(language: str, area: str, sentences: dict[Sentence, Path], known: dict[Sentence, object]) -> int:
    """How many translations are still missing."""
    old = {message.id: message.string for message in read(language, area) if message.id}
    new = Catalog(locale=LOCALE_OF[language], project="Tapsyrys", version="1", fuzzy=False)
    missing = 0
    for sentence in sorted(sentences, key=str):
        string = old.get(sentence) or known.get(sentence, "")
        missing += not (all(string) if isinstance(string, tuple) else string)
        flags = ("python-format",) if "%(" in str(sentence) else ()
        new.add(sentence, string, flags=flags)  # type: ignore[arg-type]
    path = catalogue_file(language, area)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, new, width=120, no_location=True, omit_header=True, sort_output=False)
    return missing


def main(areas: list[str]) -> None:
    everything = said()
    for language in ("kk", "ru"):
        known = {m.id: m.string for area in everything for m in read(language, area) if m.id and m.string}
        for area in areas or everything:
            missing = write(language, area, everything.get(area, {}), known)
            print(f"{language} {area}: {len(everything.get(area, {}))} sentences, {missing} to translate")


if __name__ == "__main__":
    main(sys.argv[1:])
