"""A sandbox payment server that speaks Stripe's API (version 2026-05-27.dahlia) and keeps its own books.

It runs in its own process over its own SQLite file and knows nothing of the marketplace: whatever works against it is
meant to work against Stripe. `python -m market.peer --port 12111 --file peer.db --key sk_test_...`

Read in this order: `books` (what is kept), `requests` and `forms` (what comes in), `routes` (what can be asked),
`transfers` and `payouts` (how money moves), `events` and `webhooks` (how it is told), `server` (how it is answered).
"""
