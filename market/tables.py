"""Imports every models.py once, so that the metadata is whole (migrations, checks, tests)."""

from contracts.act import models as _act
from contracts.approval import models as _approval
from contracts.audit import models as _audit
from contracts.budget import models as _budget
from contracts.collection import models as _collection
from contracts.contract import models as _contract
from contracts.kernel import clock as _clock
from contracts.kernel import idempotency as _idempotency
from contracts.kernel.database import Base
from contracts.ledger import models as _ledger
from contracts.payee import models as _payee
from contracts.payment import advance_models as _advance
from contracts.payment import batch_models as _batch
from contracts.payment import models as _payment
from contracts.reconciliation import models as _reconciliation
from contracts.register import models as _register
from contracts.schedule import models as _schedule
from market.catalogue import models as _catalogue
from market.competition import models as _competition
from market.oversight import models as _oversight
from market.placement import models as _placement
from market.provider import models as _provider
from market.recipient import models as _recipient
from market.tariff import models as _tariff
from market.user import models as _user
from market.voucher import models as _voucher

FEATURES = (
    _clock,
    _idempotency,
    _audit,
    _approval,
    _ledger,
    _budget,
    _payee,
    _contract,
    _schedule,
    _register,
    _act,
    _payment,
    _collection,
    _advance,
    _batch,
    _reconciliation,
    _catalogue,
    _user,
    _tariff,
    _provider,
    _recipient,
    _voucher,
    _competition,
    _placement,
    _oversight,
)
METADATA = Base.metadata
