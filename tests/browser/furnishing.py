"""What the demonstration has not come to, and pages show: a payment made, a round published, a limit of one's own."""

from datetime import date
from decimal import Decimal
from typing import Any

from contracts.kernel.work import Role
from tests.browser import correcting, roles
from tests.browser.installation import Installation
from tests.browser.waiting import pay, until
from tests.reconciliation.bank import OURS, Bank, Entry


def furnish(site: Installation) -> None:
    """Needs a worker, which meanwhile also counts the day's figures and seals the trail."""
    roles.add_missing(site)
    for one in site.get(Role.BUDGET_OFFICER, "/rounds")["items"]:
        site.post(Role.BUDGET_OFFICER, f"/rounds/{one['id']}/publication")
    _set_a_limit(site)
    (act,) = site.get(Role.BUDGET_OFFICER, "/acts?status=submitted")["items"]
    payment = pay(site, act["id"])
    until(lambda: site.get(Role.FINANCE_OFFICER, "/dues")["items"], bool)  # what the act asks of its recipient
    account = {"territory": act["territory"], "name": "Қазынашылық", "iban": OURS, "channel": "file"}
    account_id = site.post(Role.FINANCE_OFFICER, "/paying-accounts", account)["id"]
    _take_in_a_statement(site, payment)
    correcting.correct(site, act, account_id)
    _set_a_rule_of_rounds(site, act)
    _close_an_offer(site, act)


def _set_a_rule_of_rounds(site: Installation, act: dict[str, Any]) -> None:
    year = int(act["month"][:4]) + 1
    rule = {
        "code": "continuity", "territory": act["territory"], "value": 2000, "from_on": f"{year}-01-01",
        "until_on": f"{year + 1}-01-01", "source": "бұйрық № 5",
    }  # fmt: skip
    site.post(Role.BUDGET_OFFICER, "/round-rules", rule)


def _close_an_offer(site: Installation, act: dict[str, Any]) -> None:
    """The one that the demonstration's story is served under: its person has to go elsewhere."""
    engagement = site.get(Role.PROVIDER, f"/acts/{act['id']}")["lines"][0]["engagement_id"]
    offer = site.get(Role.PROVIDER, f"/engagements/{engagement}")["offer_id"]
    site.post(Role.PROVIDER, f"/offers/{offer}/closure")


def _set_a_limit(site: Installation) -> None:
    """For the next year, so that it meets no other."""
    act = site.get(Role.BUDGET_OFFICER, "/acts")["items"][0]
    year = int(act["month"][:4]) + 1
    price = {"currency": "KZT", "amount": "1000.00"}
    site.post(
        Role.BUDGET_OFFICER,
        "/price-limits",
        {
            "territory": act["territory"], "kind": "legal", "setting": "home", "unit": "hour", "floor": price,
            "ceiling": price, "from_on": f"{year}-01-01", "until_on": f"{year + 1}-01-01",
            "source": "қаулы № 12",
        },
    )  # fmt: skip


def _take_in_a_statement(site: Installation, payment: dict[str, Any]) -> None:
    """The bank paid a hundred tenge less than was ordered: a case for two people."""
    bank = Bank(day=date.fromisoformat(payment["settled_at"][:10]))
    amount = Decimal(payment["amount"]["amount"]) - 100
    file = bank.statement(Entry(-int(amount * 100), payment["number"]))
    site.post(Role.FINANCE_OFFICER, "/bank-statements", {"camt053": file.decode()})
