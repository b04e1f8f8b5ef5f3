"""Everything that is public, to download."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream

from market.oversight.open_data import Dataset, Form, columns_of, written
from market.web.language import _
from market.web.problems import NoSuchAddress
from market.web.rendering import render
from market.web.work import TheCaller, WebRequest

PUBLIC: dict[str, Any] = {"public": True}
TYPES = {Form.CSV: "text/csv; charset=utf-8", Form.JSON: "application/json"}
ABOUT = {
    Dataset.PROVIDERS: (_("Organisations"), _("Admitted and licensed today: number, name, BIN, kind, region.")),
    Dataset.POINTS: (_("Places of service"), _("Where organisations give help: address and point on the map.")),
    Dataset.OFFERS: (_("Offers"), _("What is offered today: service, price of one unit, free places, languages.")),
    Dataset.ROUNDS: (_("Published rounds"), _("What each matching round came to, with its seed and fingerprint.")),
    Dataset.STATISTICS: (_("Figures of the day"), _("Vouchers with a place and waiting, by region, service and more.")),
}


@get("/open-data", sync_to_thread=False, opt=PUBLIC)
def show_open_data(request: WebRequest) -> Response[str]:
    files = [(dataset, *ABOUT[dataset], columns_of(dataset)) for dataset in Dataset]
    return render(request, "public/open_data.html", files=files, forms=list(Form))


@get("/open-data/{name:str}", sync_to_thread=False, opt=PUBLIC)
def download(caller: TheCaller, name: FromPath[str]) -> Stream:
    """``offers.csv`` and so on; sent as it is read."""
    stem, _dot, suffix = name.rpartition(".")
    if stem not in list(Dataset) or suffix not in list(Form):
        raise NoSuchAddress
    form = Form(suffix)
    return Stream(
        written(caller.site.database, Dataset(stem), form),
        media_type=TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


HANDLERS = [show_open_data, download]
