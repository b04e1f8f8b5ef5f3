"""Every page of the provider's desk."""

from litestar.handlers import HTTPRouteHandler

from market.web.pages.provider import (
    absences,
    acts,
    advances,
    contracts,
    files,
    home,
    journal,
    licences,
    offer,
    offers,
    paste,
    payments,
    places,
    points,
    schedule,
    staff,
    tenders,
    visits,
)

ROOMS = (
    home, places, visits, paste, files, schedule, absences,
    journal, offers, offer, acts, payments, contracts, advances, tenders, staff, points, licences,
)  # fmt: skip
HANDLERS: list[HTTPRouteHandler] = [handler for room in ROOMS for handler in room.HANDLERS]
