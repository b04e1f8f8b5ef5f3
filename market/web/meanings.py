"""What each status means to a reader, and what to do next: on the page of a problem, and where it happens."""

from collections.abc import Mapping

from market.web.language import _

MEANINGS: Mapping[int, str] = {
    400: _(
        "Something that was sent cannot be read or is missing. Look at the fields that are named and send it again."
    ),
    401: _("The page is for people who have signed in. Sign in and open it again."),
    403: _("Your role does not allow this. If it should, ask the administrator of your office."),
    404: _("It is not there, or it is not yours to see. Look at the address again."),
    405: _("This address answers other kinds of requests. A page of ours never asks for it in this way."),
    409: _(
        "Somebody else was first, or things have moved on meanwhile. Open the page again and look how it stands now."
    ),
    413: _("More was sent than is taken at once. Send less, or in several parts."),
    415: _("The format of what was sent is not known here."),
    422: _("It was read, but a rule does not allow it. The sentence above says which one."),
    429: _("There were too many tries in a short time. Wait a little and try again."),
    500: _("The fault is ours and is written down. Try again later; if it stays, tell your administrator the number."),
    503: _("A part of the service does not answer now. Nothing was lost. Try again in a moment."),
}
