"""What an act says, as one text that is stored, hashed and signed; and what differs between two of them.

Canonical JSON: UTF-8, keys sorted, no spaces; money in tiyn. It names nobody: people are behind their engagements.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from contracts.act.rules import Act, ActLine, LineOf

FORMAT = "tapsyrys-act/1"
Key = tuple[str, str, int]  # engagement, what the line is of, price
_encoder = msgspec.json.Encoder(order="sorted")
_PRINTED = (
    "kind", "setting", "unit", "entries", "quantity", "seconds", "unit_price_minor", "cost_minor", "deducted_minor",
    "vat_minor", "copayment_minor", "amount_minor",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parties:
    """Who hands over (by BIN) under which contract; the act that is corrected, by number; engagements by number."""

    provider_bin: str
    contract: str
    corrects: str | None
    engagements: Mapping[Any, str]


def document_of(act: Act, lines: Sequence[ActLine], parties: Parties) -> str:
    facts = {
        "format": FORMAT,
        "number": act.number,
        "month": str(act.month),
        "corrects": parties.corrects,
        "contract": parties.contract,
        "provider_bin": parties.provider_bin,
        "territory": act.territory,
        "vat": {"mode": act.vat_mode, "rate_bp": act.vat_rate_bp},
        "copayment_collector": act.collector,
        "lines": [_line(line, parties.engagements[line.engagement_id]) for line in lines],
        "total_minor": act.total_minor,
        "currency": "KZT",
    }
    return _encoder.encode(facts).decode()


def _line(line: ActLine, engagement: str) -> dict[str, object]:
    said: dict[str, object] = {name: getattr(line, name) for name in _PRINTED}
    if line.what is not LineOf.VISITS:  # left out of all others: what was signed before there were such lines holds
        said["of"] = line.what
    return said | {"engagement": engagement, "deducted_for": line.deduct_code, "note": line.deduct_note}


def digest_of(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Difference:
    """One line, before and after; None: there was none. Amounts in tiyn."""

    engagement: str
    unit_price_minor: int
    before_minor: int | None
    after_minor: int | None
    deducted_for: str | None
    note: str | None


def differences(before: str | None, after: str) -> list[Difference]:
    """The lines that say something else, in the order of the later document, then those that are gone."""
    old, new = _lines(before), _lines(after)
    changed = [key for key in new if new[key] != old.get(key)] if before is not None else []
    gone = [key for key in old if key not in new]
    return [_difference(key, old.get(key), new.get(key)) for key in [*changed, *gone]]


def _difference(key: Key, old: Any, new: Any) -> Difference:
    before, after = (None if one is None else one["amount_minor"] for one in (old, new))
    why = new or {}
    engagement, _, price = key
    return Difference(engagement, price, before, after, why.get("deducted_for"), why.get("note"))


def _lines(document: str | None) -> dict[Key, Any]:
    if document is None:
        return {}
    lines = msgspec.json.decode(document)["lines"]
    return {(one["engagement"], one.get("of", ""), one["unit_price_minor"]): one for one in lines}
