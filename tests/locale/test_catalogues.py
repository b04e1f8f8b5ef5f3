"""No sentence of a page is without its Kazakh and Russian, and none says less than the English."""

import re

import pytest

from market.web.language import catalogues, translations
from tests.locale.messages import read, said

SAID = said()
CASES = [(language, area) for language in ("kk", "ru") for area in SAID]
FORMS = {"kk": 1, "ru": 3}
_PLACE = re.compile(r"%\((\w+)\)[sd]|%%")


def _forms(message: object) -> list[str]:
    return list(message) if isinstance(message, tuple | list) else [str(message)]


@pytest.mark.parametrize(("language", "area"), CASES)
def test_every_sentence_is_translated(language: str, area: str) -> None:
    stand = {m.id: m.string for m in read(language, area) if m.id}
    missing = [s for s in SAID[area] if not all(_forms(stand.get(s, "")))]
    assert not missing, "run 'make messages' and translate"


@pytest.mark.parametrize(("language", "area"), CASES)
def test_no_translation_is_left_over(language: str, area: str) -> None:
    assert {m.id for m in read(language, area) if m.id} <= set(SAID[area]), "run 'make messages'"


@pytest.mark.parametrize(("language", "area"), CASES)
def test_a_translation_has_the_places_of_its_sentence(language: str, area: str) -> None:
    for message in read(language, area):
        if not message.id:
            continue
        wanted = set(_PLACE.findall(_forms(message.id)[-1]))
        for form in _forms(message.string):
            assert set(_PLACE.findall(form)) <= wanted, message.id
            assert wanted - {"num"} <= set(_PLACE.findall(form)), message.id


@pytest.mark.parametrize(("language", "area"), CASES)
def test_plurals_have_as_many_forms_as_the_language(language: str, area: str) -> None:
    for message in read(language, area):
        if isinstance(message.id, tuple | list):
            assert len(_forms(message.string)) == FORMS[language], message.id


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_two_areas_say_the_same_in_the_same_words(language: str) -> None:
    words: dict[object, object] = {}
    for catalogue in catalogues(language):
        for message in catalogue:
            if message.id:
                assert words.setdefault(message.id, message.string) == message.string, message.id


def test_plurals_are_chosen_by_the_language() -> None:
    russian, kazakh = translations("ru"), translations("kk")
    one, many = "%(num)s free place", "%(num)s free places"
    assert len({russian.ngettext(one, many, n) for n in (1, 2, 5)}) == 3
    assert len({kazakh.ngettext(one, many, n) for n in (1, 2, 5)}) == 1
