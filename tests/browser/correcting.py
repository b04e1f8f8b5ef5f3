"""Visits that came late, and the acts that correct last month's: one paid by the bank's file, one whose payment waits
for others to approve it, one in a batch that waits for the same, one that waits for signatures."""

from datetime import datetime, timedelta
from typing import Any

from contracts.kernel.calendar import civil_date
from contracts.kernel.work import Role
from tests.browser.installation import Installation

APART = timedelta(hours=2)  # two visits of a day


def correct(site: Installation, act: dict[str, Any], account_id: str) -> None:
    engagement_id = site.get(Role.PROVIDER, f"/acts/{act['id']}")["lines"][0]["engagement_id"]
    entries = f"/engagements/{engagement_id}/entries"
    visits = site.get(Role.PROVIDER, f"{entries}?month={act['month']}")["items"]
    (late,) = [one for one in visits if one["status"] == "entered"]
    by_file = _act_of(site, act, late)
    site.post(Role.BUDGET_OFFICER, f"/acts/{by_file}/acceptance")
    site.post(Role.FINANCE_OFFICER, f"/acts/{by_file}/payment")
    site.post(Role.FINANCE_OFFICER, "/bank-orders", {"paying_account_id": account_id})
    to_approve = _act_of(site, act, _enter(site, entries, late, 1))
    _set_a_threshold(site, act["territory"])
    site.post(Role.BUDGET_OFFICER, f"/acts/{to_approve}/acceptance")
    together = _act_of(site, act, _enter(site, entries, late, 2))
    site.post(Role.BUDGET_OFFICER, f"/acts/{together}/acceptance")
    _hand_in_a_batch(site, act, together)
    _act_of(site, act, _enter(site, entries, late, 3))
    _enter(site, entries, late, 4)  # waits for a word of the recipient, as the late one did


def _hand_in_a_batch(site: Installation, act: dict[str, Any], act_id: str) -> None:
    purse = {"territory": act["territory"], "year": int(act["month"][:4])}
    batch = site.post(Role.FINANCE_OFFICER, "/payment-batches", purse)["id"]
    site.post(Role.FINANCE_OFFICER, f"/payment-batches/{batch}/acts", {"act_ids": [act_id]})
    site.post(Role.FINANCE_OFFICER, f"/payment-batches/{batch}/submission")


def _act_of(site: Installation, act: dict[str, Any], visit: dict[str, Any]) -> str:
    """Confirmed, and handed in with the act that corrects the month's."""
    site.post(Role.RECIPIENT, f"/entries/{visit['id']}/confirmation")
    found = site.post(Role.PROVIDER, f"/contracts/{act['contract_id']}/acts", {"month": act["month"]})
    site.post(Role.PROVIDER, f"/acts/{found['id']}/submission")
    return str(found["id"])


def _enter(site: Installation, entries: str, like: dict[str, Any], number: int) -> Any:
    later = number * APART
    times = {name: str(datetime.fromisoformat(like[name]) + later) for name in ("started_at", "ended_at")}
    facts = {name: like[name] for name in ("worker_id", "quantity", "place")}
    return site.post(Role.PROVIDER, entries, {"client_id": f"late-{number}", **facts, **times})


def _set_a_threshold(site: Installation, territory: str) -> None:
    now = site.post(Role.ADMINISTRATOR, "/demo/clock", {"days": 0})["now"]
    threshold = {
        "territory": territory, "least": {"currency": "KZT", "amount": "1.00"}, "approvers": 1,
        "from_on": str(civil_date(datetime.fromisoformat(now))), "source": "бұйрық № 7",
    }  # fmt: skip
    site.post(Role.BUDGET_OFFICER, "/approval-thresholds", threshold)
