"""Every business table, rebuilt from the audit trail and compared. What is left out stands here with its reason."""

import sqlalchemy as sa

from contracts.audit.replay import Replay, replay
from contracts.kernel.work import Work

LEFT_OUT = {
    "audit_event": "the trail itself",
    "audit_head": "the trail itself",
    "audit_checkpoint": "about the trail, not in it; 'market audit verify' checks it",
    "audit_leaf": "about the trail, not in it; 'market audit verify' checks it",
    "clock": "the demonstration's own clock, set before anything is recorded",
    "idempotency": "remembers answers, decides nothing",
    "person_key": "a key in the trail could never be destroyed",
    "sign_in_try": "the door's own bookkeeping: counters of a few minutes",
    "half_session": "the door's own bookkeeping: between the password and the second step",
    "passkey_challenge": "the door's own bookkeeping: asked and answered within minutes",
    "act_signature_container": "a certificate names a person; the trail keeps the hash of each",
    "oversight_look": "how far the register was looked over: the worker's own bookkeeping",
    "stage_total": "derived: running totals of accounts; 'market check' proves it",
    "act_total": "derived: what acts come to by line, month and status; 'market check' adds them up again",
    "visit_total": "derived: visits of a contract's month by status; 'market check' counts them again",
    "act_entry": "derived: the entries of an act by the engagement of its lines; 'market check' proves it",
}
LEFT_OUT_COLUMNS = {
    ("account", "debits_posted"): "a running total; 'market check' proves that it is the sum of the transfers",
    ("account", "credits_posted"): "a running total",
    ("account", "debits_pending"): "a running total",
    ("account", "credits_pending"): "a running total",
    ("offer", "taken"): "a counter that rounds move in bulk; 'market check' proves that it is the sum of placements",
    ("user_account", "password_hash"): "auditors read the trail, and a stolen hash can be guessed at leisure",
    ("authenticator", "last_step"): "which code was taken last: the door's own bookkeeping",
    ("passkey", "sign_count"): "as a device told it last: the door's own bookkeeping",
    ("passkey", "last_used_at"): "the door's own bookkeeping",
    ("payment", "next_try_at"): "when a worker looks next: the queue's own bookkeeping",
    ("payment", "expected_on"): "what the payment server last said of the day: its word, not a fact of ours",
    ("payment", "attempts"): "the queue's own bookkeeping",
    ("payment", "strikes"): "the queue's own bookkeeping",
    ("payment", "last_error"): "the queue's own bookkeeping",
    ("payment", "parked_at"): "since when a person must look: the queue's own bookkeeping, told by the events",
    ("collection", "next_try_at"): "when a worker looks next: the queue's own bookkeeping",
    ("collection", "attempts"): "the queue's own bookkeeping",
    ("collection", "strikes"): "the queue's own bookkeeping",
    ("collection", "last_error"): "the queue's own bookkeeping",
}


def business_tables(metadata: sa.MetaData) -> list[sa.Table]:
    return [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]


def replay_everything(work: Work, metadata: sa.MetaData) -> Replay:
    """``metadata`` is the whole schema (``market.tables``)."""
    return replay(work, business_tables(metadata), frozenset(LEFT_OUT_COLUMNS))
