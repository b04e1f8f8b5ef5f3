"""Where people have sizes, budgets or groups: how many more might be served is said in people, and proven by prices."""

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from matching import MalformedResult, Status, parse_instance, parse_result, result_document
from matching.instance import Instance
from matching.solve import solve
from matching.verify import verify
from tests.matching.instances import document, instance, request, rows


def most_by_hand(here: Instance, result: dict[str, Any]) -> list[int]:
    """Lagrange's bound on people once more, in plain Python."""
    fits = [int(here.size[at]) <= int(here.capacity[slot]) for at, slot in zip(here.owners, here.arc_slot, strict=True)]
    servable = {int(at) for at, fit in zip(here.owners.tolist(), fits, strict=True) if fit}
    most = [sum(int(here.tier[at]) == tier for at in servable) for tier in range(here.tiers)]
    for proof in result["certificate"].get("counts", []):
        scale, worth = proof.get("scale", 1), proof.get("tier_prices", [])
        price = [proof["prices"].get(name, 0) for name in here.slot_ids]
        pay = [proof.get("budget_prices", {}).get(name, 0) for name in here.budget_ids]
        total = sum(a * b for a, b in zip(price, here.capacity.tolist(), strict=True))
        total += sum(a * b for a, b in zip(pay, here.budget_limit.tolist(), strict=True))
        total -= sum(a * b for a, b in zip(worth, result["served_by_tier"], strict=True))
        gains: dict[object, dict[int, int]] = {}
        for at in range(len(here.request_ids)):
            tier, group = int(here.tier[at]), -1 if here.group is None else int(here.group[at])
            best: dict[int, int] = {}
            for arc in range(int(here.first_arc[at]), int(here.first_arc[at + 1])):
                slot = int(here.arc_slot[arc])
                gain = (scale if tier == proof["tier"] else 0) + worth[tier] - int(here.size[at]) * price[slot]
                gain -= sum(amount * int(here.spend[budget, arc]) for budget, amount in enumerate(pay))
                provider = int(here.providers[slot]) if group >= 0 else 0
                if fits[arc]:
                    best[provider] = max(gain, best.get(provider, 0))
            together = gains.setdefault(("alone", at) if group < 0 else group, {})
            for provider, gain in best.items():
                together[provider] = together.get(provider, 0) + max(0, gain)
        total += sum(max([0, *each.values()]) for each in gains.values())
        most[proof["tier"]] = min(most[proof["tier"]], total // scale)
    return most


@settings(deadline=None, max_examples=100)
@given(rows(coupled=True))
def test_what_prices_allow_is_counted_by_hand_and_never_less_than_can_be_served(top: dict[str, Any]) -> None:
    here = parse_instance(document(**top))
    result = solve(here)
    told = json.loads(result_document(result))
    assert verify(here, result) is None
    assert parse_result(json.dumps(told).encode()).most_by_tier == result.most_by_tier
    if not result.most_by_tier:
        assert result.status is Status.OPTIMAL or not result.certificate or not result.certificate.counts
        return
    assert list(result.most_by_tier) == most_by_hand(here, told)
    # small ones are solved to the end: what is served is the most there is
    assert all(count <= most for count, most in zip(result.served_by_tier, result.most_by_tier, strict=True))


STEPS = st.sampled_from([-(10**9), -1000, -2, -1, 1, 2, 1000, 10**9])


def _changed(draw: st.DrawFn, told: dict[str, Any], here: Instance) -> None:
    proofs = told["certificate"]["counts"]
    which, proof = draw(st.sampled_from(["most", "tier", "scale", "slot", "worth", "gone", "twice"])), proofs[0]
    if which == "most":
        told["most_by_tier"][draw(st.integers(0, here.tiers - 1))] += draw(STEPS)
    elif which in {"tier", "scale"}:
        proof[which] = proof.get(which, 1) + draw(STEPS)
    elif which == "slot":
        name = draw(st.sampled_from([*here.slot_ids, "nowhere"]))
        proof["prices"][name] = proof["prices"].get(name, 0) + draw(STEPS)
    elif which == "worth":
        worth = proof.setdefault("tier_prices", [0] * here.tiers)
        worth[draw(st.integers(0, here.tiers - 1))] += draw(STEPS)
    else:
        told["certificate"]["counts"] = proofs[1:] if which == "gone" else [*proofs, proof]


def _still_holds(told: dict[str, Any], here: Instance) -> bool:
    proofs = told["certificate"]["counts"]
    tiers = [proof["tier"] for proof in proofs]
    known = all(set(proof["prices"]) <= set(here.slot_ids) for proof in proofs)
    known &= all(len(proof.get("tier_prices", [])) == here.tiers for proof in proofs)
    known &= len(set(tiers)) == len(tiers) and set(tiers) <= set(range(here.tiers))
    before = known and all(not any(proof["tier_prices"][proof["tier"] :]) for proof in proofs)
    return bool(before and told["most_by_tier"] == most_by_hand(here, told))


@settings(deadline=None, max_examples=100)
@given(rows(coupled=True), st.data())
def test_no_changed_count_passes(top: dict[str, Any], data: st.DataObject) -> None:
    """Five changes of what is said about people left out, where something is."""
    here = parse_instance(document(**top))
    before = json.loads(result_document(solve(here)))
    if not before["certificate"] or not before["certificate"].get("counts"):
        return
    for _ in range(5):
        after = copy.deepcopy(before)
        _changed(data.draw, after, here)
        try:
            result = parse_result(json.dumps(after).encode())
        except MalformedResult:
            continue
        violation = verify(here, result)
        assert (violation is None) == _still_holds(after, here), (violation, before, after)


def test_a_place_for_one_and_a_half_serves_one() -> None:
    """Two who need 2 of 3 hours: prices alone allow one and a half, so one."""
    here = instance({"Warm Home": 3}, [request(name, 0, {"Warm Home": 5}, size=2) for name in ("Aigul", "Bolat")])
    result = solve(here)
    assert (result.served_by_tier, result.most_by_tier, result.tiers_proven) == ((1,), (1,), 1)
    assert verify(here, result) is None


def test_prices_of_people_without_a_claim_are_refused() -> None:
    here = instance({"Warm Home": 3}, [request(name, 0, {"Warm Home": 5}, size=2) for name in ("Aigul", "Bolat")])
    told = json.loads(result_document(solve(here)))
    del told["most_by_tier"]
    violation = verify(here, parse_result(json.dumps(told).encode()))
    assert violation is not None
    assert violation.code == "most-by-tier"
