"""Sixty-four holders and one last place, over a real server."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import httpx

from contracts.kernel.work import NOBODY
from market.app import create_app
from market.provider.queries import offer
from market.settings import Settings
from tests.web.opening import open_web
from tests.web.server import running
from tests.web.street import build
from tests.web.town import Town

CROWD = 64


def test_of_sixty_four_who_book_the_last_place_one_wins(settings: Settings) -> None:
    with open_web(settings) as client:
        street = build(Town(client))
        holders = [street.holder() for _ in range(CROWD)]
        street.set_capacity(1)
    app = create_app(settings)
    with running(app) as address, httpx.Client(base_url=address, limits=httpx.Limits(max_connections=CROWD)) as http:
        ready = Barrier(CROWD)

        def book(token: str, voucher: str) -> httpx.Response:
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "last"}
            ready.wait()
            return http.post(
                f"/api/vouchers/{voucher}/bookings", json={"offer_id": street.offer}, headers=headers, timeout=60
            )

        with ThreadPoolExecutor(CROWD) as pool:
            answers = list(pool.map(lambda pair: book(pair[0].token, pair[1]), holders))
        (won,) = [a for a in answers if a.status_code == 201]
        lost = [a.json()["code"] for a in answers if a.status_code == 409]
        assert lost == ["no-free-place"] * (CROWD - 1), [a.text for a in answers if a.status_code not in {201, 409}]
        winner = answers.index(won)
        again = book_again(http, holders[winner][0].token, holders[winner][1], street.offer)
        assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
        assert again.content == won.content
        left = app.state.site.database.read(NOBODY, lambda work: offer(work, UUID(street.offer)))
        assert (left.taken, left.capacity) == (1, 1)


def book_again(http: httpx.Client, token: str, voucher: str, offer_id: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "last"}
    return http.post(f"/api/vouchers/{voucher}/bookings", json={"offer_id": offer_id}, headers=headers)
