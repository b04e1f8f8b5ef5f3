"""A number inside a sentence chooses its form, and is written as its reader writes numbers."""

import pytest

from market.web.rendering import environment


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "1,234,567 free places"), ("ru", "1 234 567 свободных мест"), ("kk", "1 234 567 бос орын")],
)
def test_a_large_number_is_grouped_in_a_counted_sentence(language: str, said: str) -> None:
    sentence = '{{ ngettext("%(num)s free place", "%(num)s free places", count) }}'
    assert (
        environment(language).from_string(sentence).render(count=1_234_567).replace("\N{NO-BREAK SPACE}", " ") == said
    )
