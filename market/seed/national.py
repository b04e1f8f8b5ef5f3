"""The invented nation into the database, in one transaction: rows in bulk, one audit event a set."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from contracts.kernel.bulk import new_ids
from contracts.kernel.work import Work
from market.catalogue import service as catalogue
from market.catalogue.models import LocalityRow
from market.seed.demand import load_recipients, load_requests, load_vouchers
from market.seed.nation import AS_SEEDED, Nation, Places, Wishing, invent_nation
from market.seed.norms import Ids
from market.seed.supply import load_providers, set_price_limits
from market.user.personal import Vault

Progress = Callable[[str], None]
FEWEST = 300  # people: what a small place of the gazetteer counts at least as


@dataclass(frozen=True, slots=True)
class Size:
    """How much of the nation: people, times the network of 2016, and the territory prefix they live under."""

    people: int
    network_scale: float
    territory: str = ""
    wishing: Wishing = AS_SEEDED


def load_nation(work: Work, vault: Vault, *, size: Size, seed: int, progress: Progress) -> Nation:
    """Everything from catalogue to waiting list; SYSTEM's work. Returns what was invented."""
    generator = np.random.default_rng(seed)
    progress("catalogue")
    catalogue.load(work)
    progress("inventing people, organisations and wishes")
    nation = invent_nation(
        _places(work, size.territory), people_count=size.people, network_scale=size.network_scale, today=work.today,
        generator=generator, wishing=size.wishing,
    )  # fmt: skip
    lines = len(nation.line_kind)
    ids = Ids(*(new_ids(n) for n in (
        len(nation.branch), len(nation.branch), len(nation.offer_kind), len(nation.people), lines, lines, lines,
    )))  # fmt: skip
    progress(f"{len(nation.branch)} organisations with {len(nation.offer_kind)} offers")
    set_price_limits(work)
    load_providers(work, nation, ids, generator)
    progress(f"{len(nation.people)} recipients")
    load_recipients(work, vault, nation, ids, generator)
    progress(f"{lines} vouchers")
    load_vouchers(work, nation, ids)
    progress("waiting list and wishes")
    load_requests(work, nation, ids, generator)
    return nation


def _places(work: Work, territory: str) -> Places:
    rows = work.rows(
        sa.select(
            LocalityRow.id, LocalityRow.territory, LocalityRow.latitude, LocalityRow.longitude, LocalityRow.population
        )
        .where(LocalityRow.territory.startswith(territory, autoescape=True))
        .order_by(LocalityRow.id)
    )
    code, lies_in, latitude, longitude, population = zip(*rows, strict=True)
    return Places(
        np.array(code),
        list(lies_in),
        np.array(latitude),
        np.array(longitude),
        np.maximum(np.array(population), FEWEST),
    )
