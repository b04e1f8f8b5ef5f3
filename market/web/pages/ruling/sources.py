"""Where the rules that we ship come from, marked for translation; an officer's own rule names its decision itself."""

from market.web.language import _

SHIPPED = (
    _("rules of vouchers: a stay in hospital stops the clock (default of this marketplace; unconfirmed)"),
    _(
        "default of this marketplace: the worker came and the visit is taken off the volume (unconfirmed: no public "
        "norm was found)"
    ),
    _("default of this marketplace (unconfirmed: no public norm for the notice of a visit was found)"),
    _("law on the republican budget for 2024-2026 (unconfirmed: not read in a copy of the act)"),
    _("law on the republican budget for 2025-2027"),
    _("law on the republican budget for 2026-2028"),
    _("capacity rule of this marketplace: minutes a week = units a month x minutes a unit x 12 / 52 rounded up"),
    _("default of this marketplace (unconfirmed: no public norm for the length of a home visit was found)"),
    _("an hour has sixty minutes"),
    _("default of this marketplace (unconfirmed: no public norm for the length of a session was found)"),
    _(
        "default of this marketplace until scoring and complaints stand (unconfirmed: fewer than 2 admitted bids is "
        "said to mean not held)"
    ),
    _(
        "rules of payment for full state support since 1 January 2016: at most 70 % of the pension or benefit (read in "
        "a policy paper, not in a copy of the act)"
    ),
)
