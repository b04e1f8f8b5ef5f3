"""The reader's language: Kazakh, Russian or English. Sentences go through ``_``; catalogues stand in ``locales``."""

import csv
import gettext
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.plurals import PLURALS
from babel.messages.pofile import read_po

from market.web.work import WebRequest

LANGUAGES = ("kk", "ru", "en")
NATIVE_NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
LOCALE_OF = {"kk": Locale.parse("kk"), "ru": Locale.parse("ru_KZ"), "en": Locale.parse("en_GB")}
PLURALS["kk"] = (1, "0")  # a noun after a number stays as it is; the library does not know Kazakh
SPOKEN_BY_DEFAULT = "en"
LANGUAGE_COOKIE = "language"
LOCALES = Path(__file__).resolve().parent.parent / "locales"


def _(sentence: str) -> str:
    """Marks a sentence for translation."""
    return sentence


@lru_cache(maxsize=8)
def translations(language: str) -> gettext.NullTranslations:
    """The catalogues of all areas as one; English stands in the code."""
    if language == SPOKEN_BY_DEFAULT:
        return gettext.NullTranslations()
    whole = Catalog(locale=LOCALE_OF[language])
    for catalogue in catalogues(language):
        for message in catalogue:
            if message.id and message.string:
                whole.add(message.id, message.string, flags=message.flags)
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def catalogues(language: str) -> Iterator[Catalog]:
    for path in sorted((LOCALES / language).glob("*.po")):
        with path.open("rb") as file:
            yield read_po(file, locale=LOCALE_OF[language], abort_invalid=True)


def tr(language: str, sentence: str, **values: object) -> str:
    """A marked sentence in the language, with ``%(name)s`` filled in."""
    said = translations(language).gettext(sentence)
    return said % values if values else said


def language_of(request: WebRequest) -> str:
    """``?lang=`` decides, then the choice the reader made, then the browser's order of preference."""
    for asked in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if asked in LANGUAGES:
            return str(asked)
    preferred = sorted(_weighed(request.headers.get("accept-language", "")), key=lambda item: -item[1])
    return next((tag for tag, weight in preferred if tag in LANGUAGES and weight > 0), SPOKEN_BY_DEFAULT)


def carried_on(request: WebRequest, address: str) -> str:
    """Where a request is sent on to, still in the language that its own address asks for."""
    asked = request.query_params.get("lang")
    return f"{address}{'&' if '?' in address else '?'}lang={asked}" if asked in LANGUAGES else address


def _weighed(header: str) -> list[tuple[str, float]]:
    """``ru-RU,ru;q=0.9`` as language and weight; what cannot be read weighs nothing."""
    found = []
    for item in header[:200].split(","):
        tag, _sep, weight = item.partition(";q=")
        try:
            found.append((tag.strip().lower().partition("-")[0], float(weight) if weight else 1.0))
        except ValueError:
            continue
    return found


@lru_cache(maxsize=1)
def problem_titles() -> dict[str, dict[str, str]]:
    """Titles of problems by code and language, beside the English ones in the code."""
    with (LOCALES / "problems.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: {"kk": row["kk"], "ru": row["ru"]} for row in csv.DictReader(file)}
