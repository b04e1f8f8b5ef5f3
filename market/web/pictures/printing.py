"""Documents: PDF from the forms in ``sheets``. Data reach a form as one JSON value, never as part of its source.

PDF/A-2a for archives and PDF/UA-1 for screen readers; the only typefaces are those inside the typesetter, so the same
values give the same document on every machine.
"""

import io
import json
from pathlib import Path

import segno
import typst

from market.web.pictures.job import Sheet

SHEETS = Path(__file__).resolve().parent / "sheets"


class Printer:
    """Keeps the forms ready."""

    def __init__(self) -> None:
        self._fonts = typst.Fonts(include_system_fonts=False)

    def set(self, sheet: Sheet) -> bytes:
        """A name with signs that our typeface lacks keeps the standards from being met: the reader still gets the
        document, with a box for each such sign."""
        values = sheet.values | ({"qr": qr_code(sheet.qr)} if sheet.qr else {})
        compiler = typst.Compiler(str(SHEETS / f"{sheet.form}.typ"), root=str(SHEETS), font_paths=self._fonts)
        inputs = {"data": json.dumps(values, ensure_ascii=False)}
        try:
            made = compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=["a-2a", "ua-1"])
        except typst.TypstError as error:
            if "could not be displayed" not in error.message:
                raise
            made = compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=[])
        assert isinstance(made, bytes)
        return made


def qr_code(text: str) -> str:
    """As SVG, black on white, with the quiet border that readers need."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", xmldecl=False, border=4, dark="#000", light="#fff")
    return out.getvalue().decode()
