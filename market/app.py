"""The composition root: the only file that knows everyone."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler

from contracts.kernel.errors import DomainError
from contracts.kernel.runner import open_database
from market import tables
from market.payment_server import payment_server
from market.settings import Settings
from market.user.personal import Vault
from market.web import auth, headers, health, lists, problems, static
from market.web.api import (
    absences,
    act_terms,
    acts,
    advances,
    approvals,
    audit,
    catalogue,
    contracts,
    demo,
    desk,
    dues,
    engagements,
    flags,
    funding_lines,
    lots,
    offers,
    payees,
    payment_batches,
    payments,
    placements,
    price_limits,
    providers,
    recipients,
    reconciliation,
    rounds,
    schedules,
    sessions,
    take_backs,
    tenders,
    users,
    visit_files,
    visits,
    vouchers,
)  # fmt: skip
from market.web.body import MAX_BODY, guard_request
from market.web.openapi import openapi_config
from market.web.pages import preferences
from market.web.pages.document import charts, papers
from market.web.pages.document import signing as act_signing
from market.web.pages.officer import desks as officer_desks
from market.web.pages.provider import desk as provider_desk
from market.web.pages.public import articles, directory, explorer, open_data, start, statistics
from market.web.pages.public import problems as public_problems
from market.web.pages.recipient import choosing, death, people, places, programme, representatives, wishes
from market.web.pages.recipient import dues as own_dues
from market.web.pages.recipient import visits as own_visits
from market.web.pages.record import course, objects
from market.web.pages.round import desk as rounds_desk
from market.web.pages.round import detail as rounds_detail
from market.web.pages.round import fairness as rounds_fairness
from market.web.pages.round import shortages as rounds_shortages
from market.web.pages.ruling import advances as rules_of_advances
from market.web.pages.ruling import reading as rules_reading
from market.web.pages.ruling import setting as rules_setting
from market.web.pages.signing import (
    account,
    api_keys,
    authenticator,
    door,
    passkeys,
    password,
    second_step,
)  # fmt: skip
from market.web.pictures.address import address_key
from market.web.pictures.studio import Studio
from market.web.wire import BodyPlugin
from market.web.work import Site, WebRequest, provide_caller, provide_once, provide_version, use_threads

PAGES = (
    start, directory, statistics, open_data, articles, public_problems, explorer,
    door, second_step, account, password, authenticator, passkeys, api_keys, preferences,
    objects, course, charts, papers, act_signing, rounds_desk, rounds_detail, rounds_fairness, rounds_shortages,
    rules_reading, rules_setting, rules_of_advances, provider_desk, officer_desks,
    people, programme, choosing, wishes, places, own_visits, own_dues, representatives, death,
)  # fmt: skip
API = (
    sessions, users, catalogue, price_limits, funding_lines, providers, payees, offers, recipients, vouchers,
    tenders, lots, placements, visits, visit_files, rounds, contracts, engagements, schedules, absences,
    flags, acts, act_terms, take_backs,
    approvals, payments, payment_batches, advances, dues, reconciliation, desk, audit, demo,
)  # fmt: skip
assert tables.METADATA.tables, "every table is known before the first statement"


@asynccontextmanager
async def _open_site(app: Litestar) -> AsyncIterator[None]:
    await use_threads()
    settings: Settings = app.state.settings
    secret = payment_server(settings).webhook_secret
    vault, studio = Vault.of(settings), Studio(address_key(settings))
    app.state.site = Site(settings, open_database(settings.database_url), vault, secret, studio)
    app.state.schema = health.newest_schema(settings.database_url)
    yield
    studio.close()
    app.state.site.database.close()


def create_app(settings: Settings) -> Litestar:
    """The web. The database is opened when the server starts and closed when it ends."""
    return Litestar(
        route_handlers=[_api(), _pages(), static.serve_asset, health.health],
        state=State({"settings": settings}),
        lifespan=[_open_site],
        dependencies={"caller": Provide(provide_caller, sync_to_thread=False)},
        exception_handlers={
            DomainError: problems.answer_domain_error,
            HTTPException: problems.answer_http_error,
            500: problems.answer_crash,
        },
        before_send=[headers.add_headers],
        openapi_config=openapi_config(),
        plugins=[BodyPlugin()],
        compression_config=CompressionConfig("gzip", exclude=["^/assets/"]),  # assets are kept compressed
        request_max_body_size=MAX_BODY,
        logging_config=None,
        debug=False,
    )


def _api() -> Router:
    handlers: Sequence[ControllerRouterHandler] = [handler for module in API for handler in module.HANDLERS]
    return Router(
        "/api",
        route_handlers=handlers,
        guards=[auth.identify_by_header],
        before_request=guard_request,
        dependencies={
            "at": Provide(lists.provide_slice, sync_to_thread=False),
            "once": Provide(provide_once),
            "version": Provide(provide_version, sync_to_thread=False),
        },
    )


async def _prepare_page(request: WebRequest) -> None:
    lists.drop_unanswered(request)
    await auth.check_form(request)


def _pages() -> Router:
    handlers: Sequence[ControllerRouterHandler] = [handler for module in PAGES for handler in module.HANDLERS]
    return Router(
        "/",
        route_handlers=handlers,
        guards=[auth.identify_by_cookie],
        before_request=_prepare_page,
        dependencies={"at": Provide(lists.provide_slice, sync_to_thread=False)},
        include_in_schema=False,
    )
