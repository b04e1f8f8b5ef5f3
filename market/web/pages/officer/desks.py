"""All pages of the officers' desks, as the application takes them in."""

from litestar.handlers import HTTPRouteHandler

from market.web.pages.officer import (
    accounts,
    act_lines,
    acts,
    advances,
    approvals,
    batches,
    budget,
    contract_end,
    contracts,
    dues,
    engaged,
    flags,
    grants,
    issuing,
    lines,
    moving,
    one_batch,
    payments,
    reconciliation,
    registry,
    tariffs,
    taxes,
    tendering,
    tenders,
    trail,
    untrue,
    users,
)  # fmt: skip

HANDLERS: list[HTTPRouteHandler] = [
    *budget.HANDLERS, *lines.HANDLERS, *contracts.HANDLERS, *contract_end.HANDLERS, *tariffs.HANDLERS,
    *registry.HANDLERS, *accounts.HANDLERS,
    *tenders.HANDLERS, *tendering.HANDLERS, *acts.HANDLERS, *act_lines.HANDLERS, *approvals.HANDLERS,
    *payments.HANDLERS, *reconciliation.HANDLERS, *users.HANDLERS, *grants.HANDLERS, *trail.HANDLERS, *issuing.HANDLERS,
    *flags.HANDLERS, *taxes.HANDLERS, *engaged.HANDLERS, *dues.HANDLERS,
    *moving.HANDLERS, *batches.HANDLERS, *one_batch.HANDLERS, *advances.HANDLERS, *untrue.HANDLERS,
]  # fmt: skip
