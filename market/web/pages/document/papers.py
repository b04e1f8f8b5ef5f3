"""Documents to print or keep: a voucher with its QR code, an act after form R-1; and what the QR code leads to."""

import re
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from contracts.act import editions
from contracts.act import queries as acts
from contracts.contract import queries as contracts
from contracts.kernel.work import Work
from contracts.payee import queries as payees
from market.provider.queries import provider
from market.recipient import finding
from market.recipient.queries import recipient
from market.recipient.rules import RecipientNotFound
from market.voucher import queries as vouchers
from market.voucher.rules import VoucherNotFound
from market.web.formats import filters
from market.web.language import language_of
from market.web.pictures.act_sheet import Parties, act_sheet
from market.web.pictures.job import Sheet
from market.web.pictures.queries import concluded_on, served_lines
from market.web.pictures.voucher_sheet import voucher_sheet
from market.web.rendering import render
from market.web.sight import check_seen
from market.web.work import Caller, Id, TheCaller, WebRequest

PDF = "application/pdf"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9-]+")  # of files, on any system
PUBLIC: dict[str, Any] = {"public": True}


@get("/people/{number:str}/vouchers/{voucher:str}/voucher.pdf", sync_to_thread=True)
def print_voucher(
    request: WebRequest, caller: TheCaller, number: FromPath[str], voucher: FromPath[str]
) -> Response[bytes]:
    """For whoever may see the voucher. Whose it is stands there by name only for those who may know the name; that a
    stand-in was shown it leaves an event, as everywhere."""
    base = str(request.base_url).rstrip("/")
    sheet = caller.write(lambda work: _voucher(work, caller, language_of(request), number, voucher, base))
    return _pdf(caller, sheet, voucher)


def _voucher(work: Work, caller: Caller, language: str, number: str, voucher: str, base: str) -> Sheet:
    found = vouchers.voucher_numbered(work, voucher)
    check_seen(work.actor, VoucherNotFound, territory=found.territory, recipient_id=found.recipient_id)
    holder = recipient(work, found.recipient_id)
    if holder.number != number:
        raise RecipientNotFound
    name = finding.names_shown(work, caller.vault, [holder]).get(holder.id)
    address = f"{base}/check/{found.number}"
    return voucher_sheet(language, found, holder=holder.number, holder_name=name, today=work.today, address=address)


@get("/acts/{object_id:uuid}/act.pdf", sync_to_thread=True)
def print_act(request: WebRequest, caller: TheCaller, object_id: Id) -> Response[bytes]:
    """For whoever may see the act."""
    base = str(request.base_url).rstrip("/")
    sheet, number = caller.read(lambda work: _act(work, language_of(request), object_id, base))
    return _pdf(caller, sheet, number)


def _act(work: Work, language: str, act_id: UUID, base: str) -> tuple[Sheet, str]:
    act = acts.act_for_reader(work, act_id)
    contract, house = contracts.contract(work, act.contract_id), provider(work, act.provider_id)
    lines, edition = acts.lines(work, act.id), editions.edition(work, act.id, act.editions)
    if edition and not editions.is_current(work, act, lines, edition):
        edition = None  # what was signed is not what is printed
    paid = (
        payees.version(work, act.payee_version_id)
        if act.payee_version_id
        else payees.active_version(work, contract.payee_id)
    )
    parties = Parties(
        provider=paid.legal_name if paid else house.name,
        provider_bin=house.bin,
        customer=filters(language)["place"](act.territory),
        contract=contract.number,
        concluded_on=concluded_on(work, contract.id),
        account=paid.iban if paid else None,
        corrects=acts.act(work, act.corrects_id).number if act.corrects_id else None,
        signatures=editions.signatures(work, [edition.id]) if edition else [],
        fingerprint=edition.sha256 if edition else None,
        address=f"{base}/check/{act.number}",
    )
    served = {line.engagement_id: line for line in served_lines(work, act)}
    return act_sheet(language, act, lines, parties, served), act.number


def _pdf(caller: Caller, sheet: Sheet, number: str) -> Response[bytes]:
    """Saved under its number: a viewer inside the page would need a weaker policy than ours."""
    name = _NOT_IN_NAMES.sub("-", number)
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return Response(caller.site.studio.make(sheet), media_type=PDF, headers=headers)


@get("/check/{number:str}", sync_to_thread=True, opt=PUBLIC)
def check_voucher(request: WebRequest, caller: TheCaller, number: FromPath[str]) -> Response[str]:
    """Whether a voucher is valid, for whoever holds its sheet: nothing about the person, and no list to look through
    (numbers are random)."""

    def read(work: Work) -> dict[str, Any]:
        found = vouchers.voucher_numbered(work, number)
        return {"voucher": found, "valid": vouchers.is_valid(found, work.today), "today": work.today}

    return render(request, "document/check.html", **caller.read(read))


HANDLERS = [print_voucher, print_act, check_voucher]
