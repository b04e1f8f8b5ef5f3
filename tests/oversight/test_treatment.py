"""What a published round tells everybody about how people were treated: no small number, and none to be worked out."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from market.oversight.published import safe_treatment
from market.placement.report import Fairness, Treated
from market.placement.rules import Policy, Round, RoundStatus
from matching.fairness import Share

NOON = datetime(2026, 3, 2, 7, tzinfo=UTC)


def round_of(asked: int, served: int, *, most_of_one: int = 1) -> Round:
    figures: dict[str, Any] = {
        "asked_by_tier": [asked], "served_by_tier": [served], "wished": 0, "wished_served": 0,
        "served_by_rank": [served], "quantiles": {}, "mean_m": None, "histogram": [], "by_service": {},
        "by_locality": {},
        "most_of_one": most_of_one,
    }  # fmt: skip
    facts = {"figures": figures, "reasons": {}}
    return Round(
        UUID(int=1), 1, "", Policy.WELFARE, 1, 60, RoundStatus.COMPLETE, None, NOON, NOON, "0" * 64, asked, served,
        [served], 0, "verified", facts, NOON,
    )  # fmt: skip


def treated(policy: Policy, served: int, of: int, **by: dict[str, Share]) -> Treated:
    empty: dict[str, Share] = {"kk": Share(served, of)}
    tables = {"category": empty, "language": empty, "disability": empty} | by
    return Treated(policy, Share(served, of), tables, {}, {}, {}, envy=0, idle=0, cost=0)


def told(own: Treated, other: Treated | None = None) -> Fairness:
    return Fairness(own, other, 0, 0, 0)


def test_large_groups_are_shown_with_the_other_policy_beside_them() -> None:
    language = {"kk": Share(40, 60), "ru": Share(30, 40)}
    own = treated(Policy.WELFARE, 70, 100, language=language)
    safe = safe_treatment(round_of(100, 70), told(own, treated(Policy.STABLE, 60, 100)))
    assert safe is not None
    assert safe.tables["language"] == {"kk": [40, 20, 60], "ru": [30, 10, 40]}
    assert (safe.other, safe.envy) == (60, 0)


@pytest.mark.parametrize("few", [1, 4])
def test_a_small_group_is_hidden_and_cannot_be_worked_out(few: int) -> None:
    language = {"kk": Share(40, 60), "ru": Share(30 - few, 30), "en": Share(5, 10)}
    own = treated(Policy.WELFARE, 75 - few, 100, language=language)
    safe = safe_treatment(round_of(100, 75 - few), told(own))
    assert safe is not None
    hidden = [cell for row in safe.tables["language"].values() for cell in row if cell is None]
    assert len(hidden) > 1, "one alone is the difference of the others"
    assert safe.tables["language"]["ru"][1] is None


@pytest.mark.parametrize(("other", "envy", "shown"), [(97, 0, (None, 0)), (3, 4, (None, None)), (90, 5, (90, 5))])
def test_small_numbers_of_the_comparison_are_hidden(other: int, envy: int, shown: tuple[int | None, ...]) -> None:
    own = replace(treated(Policy.WELFARE, 70, 100), envy=envy)
    safe = safe_treatment(round_of(100, 70), told(own, treated(Policy.STABLE, other, 100)))
    assert safe is not None
    assert (safe.other, safe.envy) == shown


def test_who_has_several_requests_counts_once() -> None:
    own = replace(treated(Policy.WELFARE, 70, 100), envy=9)
    safe = safe_treatment(round_of(100, 70, most_of_one=2), told(own))
    assert safe is not None
    assert safe.envy is None, "nine requests may be five people, and fewer where one has more"


def test_a_round_of_a_few_shows_nothing() -> None:
    assert safe_treatment(round_of(4, 2), told(treated(Policy.WELFARE, 2, 4))) is None
