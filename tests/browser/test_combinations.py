"""Few combinations, and every two habits meet in one of them."""

from tests.browser.combinations import DISPLAYS, EVERY, LANGUAGES, PAIRWISE, WIDTHS, pairs


def test_the_combinations_hold_every_pair() -> None:
    every = set().union(*map(pairs, EVERY))
    assert set().union(*map(pairs, PAIRWISE)) == every
    assert len(PAIRWISE) <= 2 * len(LANGUAGES) * len(DISPLAYS)
    assert len(EVERY) == len(LANGUAGES) * len(WIDTHS) * 2 * len(DISPLAYS)
