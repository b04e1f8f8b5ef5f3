"""What fields, things and events are called on the pages of records and in their trails."""

from collections.abc import Mapping

from market.web.language import _

LABELS: Mapping[str, str] = {
    "number": _("Number"), "name": _("Name"), "title": _("Title"), "status": _("Status"), "territory": _("Territory"),
    "provider_id": _("Provider"), "recipient_id": _("Recipient"), "voucher_id": _("Voucher"), "offer_id": _("Offer"),
    "placement_id": _("Placement"), "engagement_id": _("Engagement"), "contract_id": _("Contract"), "act_id": _("Act"),
    "line_id": _("Funding line"), "tender_id": _("Tender"), "lot_id": _("Lot"), "round_id": _("Matching round"),
    "user_id": _("User"), "worker_id": _("Worker"), "service_point_id": _("Service point"),
    "kind": _("Kind of service"), "setting": _("Where it is given"), "unit": _("Unit"),
    "units_a_month": _("Units a month"), "units": _("Units"), "price": _("Price"), "unit_price": _("Price of a unit"),
    "ceiling": _("At most for a unit"), "floor": _("At least for a unit"), "amount": _("Amount"), "total": _("Total"),
    "from_on": _("From"), "until_on": _("Last day"), "month": _("Month"),
    "capacity": _("Capacity"), "capacity_unit": _("Counted in"), "taken": _("Taken"), "free": _("Free"),
    "places": _("Free places"), "distance_m": _("Distance"), "radius_m": _("How far it travels"),
    "languages": _("Languages"), "language": _("Language"), "categories": _("Who is served"),
    "category": _("Category"), "deadline_at": _("Bids until"), "published_at": _("Published"),
    "opened_at": _("Opened"), "respond_until": _("Answer by"), "created_at": _("Made"), "issued_at": _("Issued"),
    "decided_at": _("Decided"), "decision_reason": _("Reason of the decision"), "submitted_at": _("Handed in"),
    "accepted_at": _("Accepted"), "drafted_at": _("Drawn up"), "return_reason": _("Why it was given back"),
    "ordered_at": _("Ordered"), "settled_at": _("Paid"), "first_sent_at": _("First sent"),
    "reversal_ordered_at": _("Called back"), "attempts": _("Tries"), "parked": _("Waits for a person"),
    "last_error": _("What the payment server said"), "gateway_transfer": _("Number at the payment server"),
    "served_on": _("Served on"), "started_at": _("Began"), "ended_at": _("Ended"), "place": _("Place"),
    "quantity": _("Quantity"), "entries": _("Visits"), "seconds": _("Hours and minutes"), "entered_at": _("Entered"),
    "confirmed_at": _("Confirmed"), "cancel_reason": _("Why it was cancelled"), "reason": _("Reason"),
    "served": _("Served"), "requests": _("Requests"), "certificate": _("Proof"), "policy": _("Policy"),
    "programme": _("Budget programme"), "service_kind": _("Kind of service"), "year": _("Year"),
    "appropriated": _("Appropriated"), "reserved": _("Reserved"), "committed": _("Committed"),
    "payable": _("To pay"), "paid": _("Paid"), "provider_name": _("Provider"), "sector": _("Sector"),
    "tier": _("Urgency (0 is the most urgent)"), "registered_at": _("Registered"), "bin": _("BIN"),
    "organisation_type": _("Kind of organisation"), "address": _("Address"), "waiting_since": _("Waiting since"),
    "rejection_reason": _("Why rejected"), "bids": _("Bids"), "basis": _("Basis"), "rank": _("Rank of the wish"),
    "ends_on": _("Ends on"), "ended_on": _("Ended on"), "end_reason": _("Why it ended"), "died_on": _("Died on"),
    "sequence": _("No."), "cancellation_reason": _("Why it was cancelled"), "source": _("Set by"),
    "legal_name": _("Legal name"), "iban": _("Account"), "role": _("Role"), "login": _("Name to sign in with"),
    "granted_by": _("Given by"), "decided_by": _("Decided by"), "requested_by": _("Asked by"),
    "approved_by": _("Approved by"), "ordered_by": _("Ordered by"), "drafted_by": _("Drawn up by"),
    "submitted_by": _("Handed in by"), "accepted_by": _("Accepted by"), "issued_by": _("Issued by"),
    "created_by": _("Made by"), "opened_by": _("Opened by"), "entered_by": _("Entered by"),
    "confirmed_by": _("Confirmed by"), "published_by": _("Published by"), "disabled_at": _("Access ended"),
    "reversal_ordered_by": _("Called back by"), "requested_at": _("Asked for"), "approved_at": _("Approved"),
    "revoked_at": _("Revoked"), "expires_at": _("Ends at"), "speciality": _("Speciality"), "size": _("Size"),
    "concluded_at": _("Concluded"), "seed": _("Seed of the lot"), "cost": _("Cost"), "gap": _("Gap to the best"),
    "ground": _("Document that allows it"), "price_minor": _("Price"),
}  # fmt: skip

STREAMS: Mapping[str, str] = {
    "act": _("act"), "bid": _("bid"), "catalogue": _("catalogue"), "clock": _("clock"), "contract": _("contract"),
    "engagement": _("engagement"), "entry": _("visit"), "funding-line": _("funding line"),
    "indicator": _("legal number"), "installation": _("installation"), "offer": _("offer"),
    "payee": _("bank accounts"), "payment": _("payment"), "person": _("personal data"), "placement": _("placement"),
    "price-limit": _("price limit"), "provider": _("organisation"), "recipient": _("recipient"),
    "request": _("waiting for a place"), "round": _("matching round"),
    "second-factor-rule": _("rule about the second step"), "seed": _("loaded data"), "statistics": _("statistics"),
    "tender": _("tender"), "user": _("user"), "voucher": _("voucher"), "webhook": _("message of the payment server"),
}  # fmt: skip

THINGS: Mapping[str, str] = {
    "act": _("Act"), "act_line": _("Line of the act"), "award": _("Award"), "api_key": _("API key"), "bid": _("Bid"),
    "contract": _("Contract"), "engagement": _("Engagement"), "engagement_suspension": _("Interruption"),
    "funding_line": _("Funding line"), "licence": _("Licence"), "lot": _("Lot"), "offer": _("Offer"),
    "offer_tariff": _("Price"), "payee": _("Payee"), "payee_version": _("Bank account"), "payment": _("Payment"),
    "placement": _("Placement"), "price_limit": _("Price limit"), "provider": _("Organisation"),
    "recipient": _("Recipient"), "register_entry": _("Visit"), "representation": _("Representation"),
    "placement_request": _("Request"), "role_grant": _("Role"), "matching_round": _("Matching round"),
    "service_point": _("Service point"), "session": _("Session"), "staff": _("Worker"), "tender": _("Tender"),
    "transfer": _("Money moved"), "user_account": _("User"), "voucher": _("Voucher"), "wish": _("Wishes"),
}  # fmt: skip
