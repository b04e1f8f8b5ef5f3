"""The auditor's side: no changed result or certificate passes, unless the change means nothing."""

import copy
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import MalformedResult, Policy, Status, parse_instance, parse_result, result_document
from matching.instance import Instance
from matching.result import Kind, Reason
from matching.solve import solve
from matching.verify import verify
from tests.matching.instances import document, instance, request, rows

STEPS = st.sampled_from([-(10**6), -2, -1, 1, 2, 10**6])


def change_a_figure(draw: st.DrawFn, result: dict[str, Any], _: Instance) -> None:
    name = draw(st.sampled_from(["served", "cost", "bound", "gap", "tiers_proven", "seed"]))
    result[name] = (result[name] or 0) + draw(STEPS)


def change_a_tier(draw: st.DrawFn, result: dict[str, Any], _: Instance) -> None:
    tiers = result["served_by_tier"] or [0]
    tiers[draw(st.integers(0, len(tiers) - 1))] += draw(STEPS)
    result["served_by_tier"] = tiers


def change_a_word(draw: st.DrawFn, result: dict[str, Any], _: Instance) -> None:
    if draw(st.booleans()):
        result["policy"] = draw(st.sampled_from([*Policy]))
    else:
        result["status"] = draw(st.sampled_from([*Status]))


def change_an_entry(draw: st.DrawFn, entries: dict[str, Any], names: list[str], values: list[Any]) -> None:
    name = draw(st.sampled_from(names))
    if draw(st.booleans()):
        entries[name] = draw(st.sampled_from(values))
    else:
        entries.pop(name, None)


def change_a_place(draw: st.DrawFn, result: dict[str, Any], here: Instance) -> None:
    change_an_entry(draw, result["assignments"], [*here.request_ids, "nobody"], [*here.slot_ids, "nowhere"])


def change_a_reason(draw: st.DrawFn, result: dict[str, Any], here: Instance) -> None:
    change_an_entry(draw, result["unserved"], [*here.request_ids, "nobody"], [*Reason])


def change_the_witness(draw: st.DrawFn, result: dict[str, Any], here: Instance) -> None:
    result["witness"] = draw(st.lists(st.sampled_from([*here.request_ids, "nobody"]), max_size=3))


def change_a_price(draw: st.DrawFn, result: dict[str, Any], here: Instance) -> None:
    if result["certificate"]:
        prices, slot = result["certificate"]["prices"], draw(st.sampled_from([*here.slot_ids, "nowhere"]))
        prices[slot] = prices.get(slot, 0) + draw(STEPS)


def change_a_penalty(draw: st.DrawFn, result: dict[str, Any], _: Instance) -> None:
    penalties = (result["certificate"] or {}).get("penalty_by_tier")
    if penalties:
        penalties[draw(st.integers(0, len(penalties) - 1))] += draw(STEPS)


def change_the_kind(draw: st.DrawFn, result: dict[str, Any], _: Instance) -> None:
    if result["certificate"]:
        result["certificate"]["kind"] = draw(st.sampled_from([*Kind]))


CHANGES = [
    change_a_figure,
    change_a_tier,
    change_a_word,
    change_a_place,
    change_a_reason,
    change_the_witness,
    change_a_price,
    change_a_penalty,
    change_the_kind,
]


def means_the_same(before: dict[str, Any], after: dict[str, Any], here: Instance) -> bool:
    """Equal claims; or the same answer with another certificate that proves it as well, checked by hand."""
    if before["status"] == after["status"] == "infeasible":
        same = {"policy": "", "seed": 0, "witness": []}
        return {**before, **same} == {**after, **same} and too_few(here, after.get("witness", []))
    plain = [_meaning(result) for result in (before, after)]
    if plain[0] == plain[1]:
        return True
    if before["policy"] == "welfare" and {**plain[0], "seed": 0} == {**plain[1], "seed": 0}:
        return True
    if before["policy"] == "stable" and {**plain[0], "seed": 0} == {**plain[1], "seed": 0}:
        return dict(solve(here, Policy.STABLE, seed=after["seed"]).assignments) == after["assignments"]
    without = [{name: value for name, value in meaning.items() if name != "certificate"} for meaning in plain]
    return without[0] == without[1] and proves(here, after)


def _meaning(result: dict[str, Any]) -> dict[str, Any]:
    meaning = copy.deepcopy(result)
    meaning.pop("seconds")
    if meaning["status"] != "infeasible":
        meaning.pop("witness", None)
    if meaning["certificate"]:
        prices = meaning["certificate"]["prices"]
        meaning["certificate"]["prices"] = {name: price for name, price in prices.items() if price}
    return meaning


def too_few(here: Instance, witness: list[str]) -> bool:
    """Hall's condition once more, in plain Python."""
    requests = [at for at, name in enumerate(here.request_ids) if name in witness]
    arcs = [arc for at in requests for arc in range(int(here.first_arc[at]), int(here.first_arc[at + 1]))]
    places = sum(int(here.capacity[slot]) for slot in {int(here.arc_slot[arc]) for arc in arcs})
    return len(set(witness)) == len(witness) == len(requests) > places


def proves(here: Instance, result: dict[str, Any]) -> bool:
    """Weak duality written out once more in plain Python: do these prices and penalties still prove this answer?"""
    certificate = result["certificate"]
    prices = [certificate["prices"].get(name, 0) for name in here.slot_ids]
    if set(certificate["prices"]) - set(here.slot_ids) or min(prices, default=0) < 0:
        return False
    if result["policy"] != "welfare":
        return False
    if not here.request_ids:
        return certificate["kind"] == "prices"
    if certificate["kind"] != "prices" or not certificate.get("penalty_by_tier"):
        return False
    penalties = certificate["penalty_by_tier"]
    step = len(here.slot_ids) * int(here.arc_cost.max(initial=0)) + 1
    if any(high < low + step for high, low in zip(penalties, [*penalties[1:], 0], strict=True)):
        return False
    waiting = sum(penalties[int(here.tier[here.request_ids.index(name)])] for name in result["unserved"])
    dual = -sum(price * capacity for price, capacity in zip(prices, here.capacity.tolist(), strict=True))
    for at, tier in enumerate(here.tier.tolist()):
        arcs = range(int(here.first_arc[at]), int(here.first_arc[at + 1]))
        dual += min([penalties[tier], *(int(here.arc_cost[arc]) + prices[here.arc_slot[arc]] for arc in arcs)])
    return bool(result["cost"] + waiting == dual)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[Instance, dict[str, Any], dict[str, Any]]:
    top = draw(rows(ranked=True, serve=True))
    policy = draw(st.sampled_from(Policy)) if "serve" not in top else Policy.WELFARE
    here = parse_instance(document(**top))
    before = json.loads(result_document(solve(here, policy, seed=3)))
    after = copy.deepcopy(before)
    draw(st.sampled_from(CHANGES))(draw, after, here)
    return here, before, after


@settings(deadline=None, max_examples=1000)
@given(mutated())
def test_no_changed_result_passes(case: tuple[Instance, dict[str, Any], dict[str, Any]]) -> None:
    here, before, after = case
    assert verify(here, parse_result(json.dumps(before).encode())) is None
    try:
        result = parse_result(json.dumps(after).encode())
    except MalformedResult:
        return
    violation = verify(here, result)
    assert (violation is None) == means_the_same(before, after, here), (violation, before, after)


def change_a_price_of_coupling(draw: st.DrawFn, result: dict[str, Any], here: Instance) -> None:
    """Of money, of one more served, or the unit of all prices."""
    certificate = result["certificate"]
    which = draw(st.sampled_from(["budget_prices", "tier_prices", "scale"]))
    if which == "scale":
        certificate["scale"] = certificate.get("scale", 1) + draw(STEPS)
    elif which == "budget_prices":
        prices, name = certificate.setdefault(which, {}), draw(st.sampled_from([*here.budget_ids, "nothing"]))
        prices[name] = prices.get(name, 0) + draw(STEPS)
    else:
        prices = certificate.setdefault(which, [0] * draw(st.sampled_from([here.tiers, here.tiers + 1])))
        if prices:
            prices[draw(st.integers(0, len(prices) - 1))] += draw(STEPS)


def still_holds(before: dict[str, Any], after: dict[str, Any], here: Instance) -> bool:
    """The same answer and bound, a certificate that gives it, and so many tiers proven as nobody can contradict."""
    said = {"certificate": None, "seed": 0, "seconds": {}, "tiers_proven": 0, "witness": []}
    if {**before, **said} != {**after, **said} or not _may_be_proven(after, here):
        return False
    certificate = after["certificate"]
    known = set(certificate["prices"]) <= set(here.slot_ids)
    known &= set(certificate.get("budget_prices", {})) <= set(here.budget_ids)
    known &= len(certificate.get("tier_prices", [])) in {0, here.tiers}
    if not known or certificate["kind"] != "prices":
        return False
    if certificate.get("penalty_by_tier"):
        return certificate.get("scale", 1) == 1 and proves(here, after)
    return bool(bound_by_hand(here, after) == after["bound"])


def seated_as_cheaply(before: dict[str, Any], after: dict[str, Any], here: Instance) -> bool:
    """The same people, elsewhere at the same cost: another answer, which may well be as true."""
    seats = [result["assignments"] for result in (before, after)]
    if seats[0] == seats[1] or seats[0].keys() != seats[1].keys():
        return False
    cost = {
        (here.request_ids[owner], here.slot_ids[slot]): price
        for owner, slot, price in zip(here.owners.tolist(), here.arc_slot.tolist(), here.arc_cost.tolist(), strict=True)
    }
    return all(cost.get(pair, -1) >= 0 for pair in seats[1].items()) and (
        sum(cost[pair] for pair in seats[0].items()) == sum(cost[pair] for pair in seats[1].items())
    )


def _may_be_proven(result: dict[str, Any], here: Instance) -> bool:
    proven, tier = result["tiers_proven"], dict(zip(here.request_ids, here.tier.tolist(), strict=True))
    if result["status"] == "optimal":
        return bool(proven == here.tiers)
    servable = dict(zip(here.request_ids, here.servable.tolist(), strict=True))
    full = min([tier[name] for name in result["unserved"] if servable[name]], default=here.tiers)
    late = {name for name, why in result["unserved"].items() if why == "time-limit"}
    due = {name for name, why in result["unserved"].items() if tier[name] >= proven and why != "no-candidate"}
    return bool(full <= proven <= here.tiers and late == due)


def bound_by_hand(here: Instance, result: dict[str, Any]) -> int:
    """Lagrange's bound once more, in plain Python."""
    certificate = result["certificate"]
    scale, worth = certificate.get("scale", 1), certificate.get("tier_prices", [])
    price = [certificate["prices"].get(name, 0) for name in here.slot_ids]
    pay = [certificate.get("budget_prices", {}).get(name, 0) for name in here.budget_ids]
    total = -sum(a * b for a, b in zip(price, here.capacity.tolist(), strict=True))
    total -= sum(a * b for a, b in zip(pay, here.budget_limit.tolist(), strict=True))
    by_tier: dict[int, list[int]] = {}
    by_group: dict[object, dict[int, int]] = {}
    for at in range(len(here.request_ids)):
        best: dict[int, int] = {}
        for arc in range(int(here.first_arc[at]), int(here.first_arc[at + 1])):
            slot, size = int(here.arc_slot[arc]), int(here.size[at])
            if size > here.capacity[slot]:
                continue
            value = scale * int(here.arc_cost[arc]) + size * price[slot]
            value += sum(amount * int(here.spend[budget, arc]) for budget, amount in enumerate(pay))
            provider = int(here.providers[slot])
            best[provider] = min(value, best.get(provider, value))
        tier, group = int(here.tier[at]), -1 if here.group is None else int(here.group[at])
        by_tier.setdefault(tier, []).extend([min(best.values())] if best else [])
        if worth:
            sums = by_group.setdefault(("alone", at) if group < 0 else group, {})
            for provider, value in best.items():
                sums[provider] = sums.get(provider, 0) + min(0, value - worth[tier])
    for tier, served in enumerate(result["served_by_tier"]):
        total += worth[tier] * served if worth else sum(sorted(by_tier.get(tier, []))[:served])
    total += sum(min([0, *sums.values()]) for sums in by_group.values())
    return max(0, -(-total // scale))


@settings(deadline=None, max_examples=200)
@given(rows(coupled=True), st.data())
def test_no_changed_packing_passes(top: dict[str, Any], data: st.DataObject) -> None:
    """Sizes, budgets, groups and all of them: five changes of each of 200 results."""
    here = parse_instance(document(**top))
    before = json.loads(result_document(solve(here)))
    assert verify(here, parse_result(json.dumps(before).encode())) is None
    for _ in range(5):
        after = copy.deepcopy(before)
        data.draw(st.sampled_from([*CHANGES, change_a_price_of_coupling, change_a_price_of_coupling]))(
            data.draw, after, here
        )
        try:
            result = parse_result(json.dumps(after).encode())
        except MalformedResult:
            continue
        if seated_as_cheaply(before, after, here):
            continue
        violation = verify(here, result)
        assert (violation is None) == still_holds(before, after, here), (violation, before, after)


@settings(deadline=None, max_examples=50)
@given(rows(coupled=True), st.data())
def test_no_figure_made_to_fit_the_gap_passes(top: dict[str, Any], data: st.DataObject) -> None:
    here = parse_instance(document(**top))
    result = json.loads(result_document(solve(here)))
    changed = copy.deepcopy(result)
    name = data.draw(st.sampled_from(["cost", "bound", "served"]))
    changed[name] += 1
    changed["gap"] = max(0, changed["cost"] - changed["bound"]) / max(1, changed["cost"])
    assert verify(here, parse_result(json.dumps(changed).encode())) is not None
    claimed = copy.deepcopy(result)
    claimed["status"] = "optimal"
    violation = verify(here, parse_result(json.dumps(claimed).encode()))
    assert (violation is None) == (result["status"] == "optimal")


def crowded() -> Instance:
    return instance(
        {"Warm Home": 1, "Light": 1},
        [
            request("Aigul", 0, {"Warm Home": 5, "Light": 9}),
            request("Bolat", 1, {"Warm Home": 4}),
            request("Dana", 1, {"Light": 3}, priority=1),
        ],
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"instance_sha256": "0"}, "instance"),
        ({"assignments": {"Aigul": "Light", "Bolat": "Warm Home", "Dana": "Light"}}, "capacity"),
        ({"assignments": {"Aigul": "Light", "Bolat": "Light"}}, "not-a-candidate"),
        ({"assignments": {"Aigul": "Lighthouse"}}, "unknown"),
        ({"served": 3}, "served"),
        ({"served_by_tier": [1, 0]}, "served-by-tier"),
        ({"cost": 9}, "cost"),
        ({"unserved": {}}, "unserved"),
        ({"unserved": {"Bolat": "budget"}}, "unserved"),
        ({"gap": 0.5}, "gap"),
        ({"bound": 7, "gap": 0.125}, "status"),
        ({"status": "feasible"}, "status"),
        ({"status": "infeasible"}, "status"),
        ({"certificate": None}, "certificate"),
        ({"certificate": {"kind": "prices", "prices": {}, "penalty_by_tier": [121, 60]}}, "not-optimal"),
        ({"certificate": {"kind": "prices", "prices": {}, "penalty_by_tier": [12, 6]}}, "penalty"),
        ({"certificate": {"kind": "prices", "prices": {"Lighthouse": 1}, "penalty_by_tier": [121, 60]}}, "price"),
    ],
)
def test_the_first_violation_is_named(change: dict[str, Any], code: str) -> None:
    here = crowded()
    claimed = json.loads(result_document(solve(here)))
    assert claimed["assignments"] == {"Aigul": "Warm Home", "Dana": "Light"}
    violation = verify(here, parse_result(json.dumps(claimed | change).encode()))
    assert violation is not None
    assert violation.code == code


def test_envy_is_named() -> None:
    here = crowded()
    claimed = json.loads(result_document(solve(here, Policy.STABLE)))
    claimed["assignments"] = {"Aigul": "Light", "Bolat": "Warm Home"}
    claimed |= {"cost": 13, "bound": 8, "gap": 5 / 13, "unserved": {"Dana": "capacity"}}
    violation = verify(here, parse_result(json.dumps(claimed).encode()))
    assert violation is not None
    assert (violation.code, "'Aigul'" in violation.detail) == ("blocking-pair", True)


@pytest.mark.parametrize(
    ("name", "value", "pointer"),
    [
        ("served", 2.0, "/served"),
        ("cost", -1, "/cost"),
        ("gap", "0", "/gap"),
        ("gap", float("nan"), "/gap"),
        ("status", "excellent", "/status"),
        ("unserved", {"Bolat": "weather"}, "/unserved/Bolat"),
        ("assignments", {"a/b": 3}, "/assignments/a~1b"),
        ("certificate", {"kind": "prices", "prices": {"Light": -1}}, "/certificate/prices/Light"),
        ("certificate", {"prices": {}}, "/certificate/kind"),
        ("certificate", {"kind": "prices", "prices": {}, "scale": 0}, "/certificate/scale"),
        ("served_by_tier", [True], "/served_by_tier/0"),
        ("extra", 1, "/extra"),
    ],
)
def test_a_malformed_result_is_refused_at_the_place_of_the_fault(name: str, value: object, pointer: str) -> None:
    claimed = json.loads(result_document(solve(crowded())))
    with pytest.raises(MalformedResult) as refusal:
        parse_result(json.dumps(claimed | {name: value}).encode())
    assert refusal.value.pointer == pointer


def test_numbers_too_large_to_add_prove_nothing() -> None:
    here = crowded()
    claimed = json.loads(result_document(solve(here)))
    claimed["certificate"] = {"kind": "prices", "prices": {"Light": 2**63 - 1}, "scale": 2**62}
    violation = verify(here, parse_result(json.dumps(claimed).encode()))
    assert violation is not None


def test_the_verifier_loads_no_solver() -> None:
    code = (
        "import sys, matching, matching.verify, matching.reading\n"
        "solvers = ('ortools', 'numba', 'matching.solve', 'matching.certify', 'matching.flow', 'matching.welfare')\n"
        "print([name for name in sys.modules if name.startswith(solvers)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
