"""Connected accounts. Capabilities are granted as soon as they are asked for, and nothing is ever due from anybody."""

from market.peer.banks import BANK, attach, bank_list
from market.peer.books import Json, new_id
from market.peer.calls import Call
from market.peer.errors import ApiError
from market.peer.events import tell
from market.peer.forms import (
    ANY,
    METADATA,
    Field,
    Fields,
    boolean,
    choice,
    currency,
    either,
    group,
    integer,
    merged,
    text,
)
from market.peer.listing import named, retrieve

REQUESTED = Field(group({"requested": Field(boolean)}))
SCHEDULE: Fields = {"interval": Field(choice("daily", "manual", "monthly", "weekly")), "delay_days": Field(integer(0))}
UPDATE: Fields = {
    "bank_account": Field(either(text(), BANK)),
    "external_account": Field(either(text(), BANK)),
    "business_profile": Field(group({"name": ANY, "url": ANY, "support_email": ANY, "support_phone": ANY})),
    "business_type": Field(choice("company", "government_entity", "individual", "non_profit")),
    "capabilities": Field(group({"transfers": REQUESTED, "card_payments": REQUESTED})),
    "company": Field(group({"name": ANY, "tax_id": ANY, "phone": ANY})),
    "default_currency": Field(currency),
    "email": ANY,
    "metadata": METADATA,
    "settings": Field(group({"payouts": Field(group({"schedule": Field(group(SCHEDULE))}))})),
    "tos_acceptance": Field(group({"date": Field(integer(0)), "ip": ANY, "user_agent": ANY, "service_agreement": ANY})),
}
CREATE: Fields = UPDATE | {
    "country": Field(text(2, "[A-Z]{2}")),
    "type": Field(choice("custom", "express", "standard")),
    "controller": Field(
        group(
            {
                "fees": Field(group({"payer": Field(choice("account", "application"))})),
                "losses": Field(group({"payments": Field(choice("application", "stripe"))})),
                "requirement_collection": Field(choice("application", "stripe")),
                "stripe_dashboard": Field(group({"type": Field(choice("express", "full", "none"))})),
            }
        )
    ),
}
ADD_BANK: Fields = {name: UPDATE[name] for name in ("bank_account", "external_account", "metadata")} | {
    "default_for_currency": Field(boolean)
}
NOTHING_DUE: Json = {
    "alternatives": [],
    "current_deadline": None,
    "currently_due": [],
    "disabled_reason": None,
    "errors": [],
    "eventually_due": [],
    "past_due": [],
    "pending_verification": [],
}
NO_CARDS = {"decline_on": {"avs_failure": False, "cvc_failure": False}, "statement_descriptor_prefix": None}


def create_account(call: Call) -> Json:
    form = call.form
    if "type" in form and "controller" in form:
        raise ApiError(400, "You may only specify one of these parameters: type, controller.", param="type")
    identifier = new_id("acct")[:21]  # acct_ and sixteen characters, as at Stripe
    account = {
        "id": identifier,
        "object": "account",
        "business_profile": None,
        "business_type": None,
        "capabilities": {},
        "charges_enabled": False,
        "company": {"name": None, "phone": None, "tax_id_provided": False},
        "controller": _controller(form),
        "country": form.get("country", "KZ"),
        "default_currency": form.get("default_currency", "kzt"),
        "details_submitted": True,
        "email": None,
        "external_accounts": bank_list(identifier, []),
        "future_requirements": NOTHING_DUE,
        "metadata": {},
        "payouts_enabled": False,
        "requirements": NOTHING_DUE,
        "settings": {
            "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
            "card_payments": NO_CARDS,
            "dashboard": {"display_name": None, "timezone": "Asia/Almaty"},
            "payments": {"statement_descriptor": None},
            "payouts": {
                "debit_negative_balances": False,
                "schedule": {"delay_days": 0, "interval": "daily"},
                "statement_descriptor": None,
            },
        },
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": form.get("type", "none"),
    }
    return _revised(call, call.books.add(call.account, account), form)


def update_account(call: Call) -> Json:
    return _revised(call, retrieve(call, "account"), call.form)


def delete_account(call: Call) -> Json:
    account = retrieve(call, "account")
    if any(call.books.available(account["id"]).values()):
        raise ApiError(400, "This account has a balance and cannot be deleted.", code="account_invalid")
    call.books.remove(account["id"])
    return {"id": account["id"], "object": "account", "deleted": True}


def add_bank_account(call: Call) -> Json:
    account = named(call, "account", call.ids["parent"], "id")
    given = [call.form[name] for name in ("bank_account", "external_account") if name in call.form]
    if not given:
        raise ApiError(400, "Missing required param: external_account.", code="parameter_missing", param="bank_account")
    bank = attach(call, account["id"], given[0], call.form.get("metadata"))
    _revised(call, account, {}, bank)
    return bank


def bank_refused(call: Call, account: Json, bank: Json) -> None:
    """A payout came back: no more are made until the account names another bank account."""
    call.books.change(bank, status="errored")
    changed = call.books.change(account, payouts_enabled=False)
    tell(call, account["id"], "account.updated", changed, {"payouts_enabled": True})


def _revised(call: Call, account: Json, form: Json, bank: Json | None = None) -> Json:
    """The account with what the form says, told to whoever listens; parked money becomes due for a payout again."""
    account = dict(account)
    for name in ("business_type", "default_currency", "email"):
        account[name] = form.get(name, account[name])
    profile = {"mcc": None, "name": None, "product_description": None, "support_address": None, "url": None}
    profile |= {"support_email": None, "support_phone": None, "support_url": None}
    account["business_profile"] = profile | (account["business_profile"] or {}) | form.get("business_profile", {})
    company = form.get("company", {})
    known = {name: company[name] for name in ("name", "phone") if name in company}
    account["company"] = account["company"] | known | ({"tax_id_provided": True} if "tax_id" in company else {})
    for name, capability in form.get("capabilities", {}).items():
        status = "active" if capability.get("requested") else "inactive"
        account["capabilities"] = account["capabilities"] | {name: status}
    account["metadata"] = merged(account["metadata"], form.get("metadata", {}))
    account["tos_acceptance"] = account["tos_acceptance"] | form.get("tos_acceptance", {})
    payouts = account["settings"]["payouts"]
    schedule = payouts["schedule"] | form.get("settings", {}).get("payouts", {}).get("schedule", {})
    account["settings"] = account["settings"] | {"payouts": payouts | {"schedule": schedule}}
    if given := form.get("bank_account", form.get("external_account")):
        bank = attach(call, account["id"], given, {})
    if bank is not None:
        account["external_accounts"] = bank_list(account["id"], [bank])
        account["payouts_enabled"] = True
    account = call.books.change(account)
    call.books.sql.execute(
        "UPDATE object SET due = ? WHERE kind = 'balance_transaction' AND account = ? AND payout IS NULL",
        (call.now, account["id"]),
    )
    tell(call, account["id"], "account.updated", account)
    return account


def _controller(form: Json) -> Json:
    asked = form.get("controller", {})
    return {
        "fees": {"payer": asked.get("fees", {}).get("payer", "application")},
        "is_controller": True,
        "losses": {"payments": asked.get("losses", {}).get("payments", "application")},
        "requirement_collection": asked.get("requirement_collection", "application"),
        "stripe_dashboard": {"type": asked.get("stripe_dashboard", {}).get("type", "none")},
        "type": "application",
    }
