"""Who waits: recipients, vouchers with money reserved for each, requests and wishes - in bulk."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from contracts.audit.service import record
from contracts.budget import service as budget
from contracts.kernel.bulk import copy_rows, new_ids
from contracts.kernel.calendar import ALMATY
from contracts.kernel.database import table_of
from contracts.kernel.ids import human_number
from contracts.kernel.money import KZT
from contracts.kernel.period import Period
from contracts.kernel.work import Work
from contracts.ledger import queries as ledger
from contracts.ledger.models import AccountRow, TransferRow
from contracts.ledger.rules import AccountKind, TransferKind
from market.catalogue.rules import KIND_CODE, CareSetting, Language
from market.placement.models import RequestRow, WishRow
from market.placement.rules import RequestStatus
from market.recipient.models import RecipientRow
from market.seed.naming import address_of
from market.seed.nation import SETTINGS, Nation
from market.seed.network import KINDS
from market.seed.norms import PRICES, PROGRAMME, SPARE, UNITS, WAITED_DAYS, Ids
from market.seed.people import CATEGORIES
from market.seed.supply import jitter
from market.user.personal import Vault
from market.voucher.models import VoucherRow
from market.voucher.rules import VoucherStatus


@dataclass(frozen=True, slots=True)
class Line:
    """A funding line (32 hexadecimal digits) and the account its money comes from."""

    id: str
    source: UUID


_ROUND = 1_000_00  # budgets are appropriated in whole thousands of tenge


def load_recipients(work: Work, vault: Vault, nation: Nation, ids: Ids, generator: np.random.Generator) -> None:
    place = nation.person_place.tolist()
    latitude = jitter(generator, nation.places.latitude[nation.person_place].tolist())
    longitude = jitter(generator, nation.places.longitude[nation.person_place].tolist())
    category, tier = nation.people.category.tolist(), nation.people.tier.tolist()
    kazakh = nation.person_kazakh.tolist()
    seals = vault.new_people(work, [UUID(one) for one in ids.recipient])

    def rows() -> Iterator[tuple[object, ...]]:
        for i, person in enumerate(seals):
            at = nation.places.territory[place[i]]
            yield (
                ids.recipient[i], f"R-{i + 1:07d}", vault.iin_hmac(nation.people.iin[i]),
                person.seal_text(nation.people.iin[i]), person.seal_text(nation.people.name[i]),
                person.seal_text(address_of(i)), at, int(nation.places.id[place[i]]), latitude[i], longitude[i],
                CATEGORIES[category[i]], tier[i], Language.KAZAKH if kazakh[i] else Language.RUSSIAN, work.now, True, 1,
            )  # fmt: skip

    copy_rows(work, RecipientRow, (
        "id", "number", "iin_hmac", "iin_sealed", "name_sealed", "address_sealed", "territory", "locality_id",
        "latitude", "longitude", "category", "tier", "language", "registered_at", "synthetic", "version",
    ), rows())  # fmt: skip
    record(work, "seed", "recipients", "loaded")


@dataclass(frozen=True, slots=True)
class Demand:
    """One value a voucher line, in lists: what bulk rows are made of."""

    person: list[int]
    kind: list[int]
    setting: list[CareSetting]
    territory: list[str]
    place: list[int]

    @classmethod
    def of(cls, nation: Nation) -> "Demand":
        place = nation.person_place[nation.line_person].tolist()
        setting = [SETTINGS[s] for s in nation.person_setting[nation.line_person].tolist()]
        return cls(
            nation.line_person.tolist(), nation.line_kind.tolist(), setting,
            [nation.places.territory[p] for p in place], place,
        )  # fmt: skip


def load_vouchers(work: Work, nation: Nation, ids: Ids) -> None:
    """An account for each voucher, and one transfer line -> voucher each."""
    demand = Demand.of(nation)
    year = Period(work.today, date(work.today.year + 1, 1, 1))
    amount = [UNITS[s][1] * PRICES[s][1] * year.months() for s in demand.setting]
    of = _fund(work, demand, amount)
    everyone = range(len(amount))
    copy_rows(work, AccountRow, (
        "id", "kind", "owner_id", "line_id", "currency", "debits_posted", "credits_posted", "debits_pending",
        "credits_pending",
    ), ((
        ids.account[i], AccountKind.RESERVED, ids.voucher[i], of[i].id, KZT, 0, amount[i], 0, 0,
    ) for i in everyone))  # fmt: skip
    copy_rows(work, TransferRow, (
        "id", "kind", "debit_id", "credit_id", "amount_minor", "reason", "about_id", "posted_on", "at",
    ), ((
        one, TransferKind.POSTED, of[i].source.hex, ids.account[i], amount[i], "voucher-issued", ids.voucher[i],
        work.today, work.now,
    ) for i, one in enumerate(new_ids(len(of)))))  # fmt: skip
    copy_rows(work, VoucherRow, (
        "id", "number", "recipient_id", "line_id", "territory", "kind", "setting", "unit", "units_a_month", "size",
        "ceiling_minor", "from_on", "until_on", "status", "account_id", "issued_by", "issued_at",
    ), ((
        ids.voucher[i], human_number("V"), ids.recipient[demand.person[i]], of[i].id, demand.territory[i],
        KINDS[demand.kind[i]], demand.setting[i],
        *UNITS[demand.setting[i]], 1, PRICES[demand.setting[i]][1], year.from_on, year.until_on,
        VoucherStatus.ISSUED, ids.account[i], UUID(int=0), work.now,
    ) for i in everyone))  # fmt: skip
    record(work, "seed", "vouchers", "loaded")


def _fund(work: Work, demand: Demand, amount: list[int]) -> list[Line]:
    """Open the funding lines, appropriate a little more than is needed, and take what the vouchers reserve."""
    needed: dict[tuple[str, int], int] = {}
    keys = list(zip(demand.territory, demand.kind, strict=True))
    for key, minor in zip(keys, amount, strict=True):
        needed[key] = needed.get(key, 0) + minor
    lines, account = {}, table_of(AccountRow)
    for (territory, kind), total in sorted(needed.items()):
        line = budget.open_line(
            work, programme=PROGRAMME, territory=territory, service_kind=KINDS[kind], year=work.today.year,
            kind_code=KIND_CODE[KINDS[kind]],
        )  # fmt: skip
        budget.appropriate(work, line, amount_minor=_ROUND * (int(total * SPARE) // _ROUND + 1))
        source = ledger.account_of(work, AccountKind.APPROPRIATED, line)
        assert source is not None
        taken = sa.update(account).where(account.c.id == source.id)
        work.execute(taken.values(debits_posted=account.c.debits_posted + total))
        lines[territory, kind] = Line(line.hex, source.id)
    return [lines[key] for key in keys]


def load_requests(work: Work, nation: Nation, ids: Ids, generator: np.random.Generator) -> None:
    demand = Demand.of(nation)
    person, place, setting = demand.person, demand.place, demand.setting
    kazakh = nation.person_kazakh.tolist()
    category, tier = nation.people.category[nation.line_person].tolist(), nation.people.tier.tolist()
    waited = generator.integers(1, WAITED_DAYS, size=len(person)).tolist()
    midnight = datetime.combine(work.today, time(), tzinfo=ALMATY).astimezone(UTC)
    copy_rows(work, RequestRow, (
        "id", "voucher_id", "recipient_id", "territory", "locality_id", "kind", "setting", "unit", "size",
        "ceiling_minor", "tier", "category", "language", "waiting_since", "status",
    ), ((
        ids.request[i], ids.voucher[i], ids.recipient[person[i]], demand.territory[i],
        int(nation.places.id[place[i]]), KINDS[demand.kind[i]], setting[i], UNITS[setting[i]][0], 1,
        PRICES[setting[i]][1], tier[person[i]], CATEGORIES[category[i]],
        Language.KAZAKH if kazakh[person[i]] else Language.RUSSIAN,
        midnight - timedelta(days=waited[i]),
        RequestStatus.WAITING,
    ) for i in range(len(person))))  # fmt: skip
    copy_rows(work, WishRow, ("request_id", "rank", "offer_id"), (
        (ids.request[i], rank + 1, ids.offer[offer])
        for i, wishes in enumerate(nation.wish_offer.tolist())
        for rank, offer in enumerate(wishes)
        if offer >= 0
    ))  # fmt: skip
    record(work, "seed", "waiting-list", "loaded")
