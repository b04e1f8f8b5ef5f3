"""Bank files: XML that is read without being trusted, and held against ISO 20022's own schemas.

A bank's file is as hostile as any upload: no document type, no entity, no network, one encoding, a limit on its size.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any  # lxml has no types: they end in this file

from lxml import etree

from contracts.kernel.errors import Malformed, Unavailable
from contracts.kernel.money import KZT, MAX_MINOR, MINOR_PER_MAJOR

PAIN, CAMT = "pain.001.001.09", "camt.053.001.08"
LARGEST_FILE = 20_000_000  # bytes: some twenty thousand entries, a busy month of a region
MOST_FAULTS = 20  # of a schema, named in one answer
LONGEST_TOLD = 200  # characters of a fault
_HOME = {PAIN: "pain001", CAMT: "camt053"}  # the installed packages whose folders hold the schemas
_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
_ENCODING = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_AMOUNT = re.compile(r"[0-9]{1,16}(\.[0-9]{1,5})?", re.ASCII)


class BankFileRefused(Malformed):
    code = "bank-file-refused"
    title = "This is not a bank file that can be read"


class BankFileTooLarge(BankFileRefused):
    code = "bank-file-too-large"
    title = "The bank file is too large"


class SchemasMissing(Unavailable):
    code = "bank-file-schemas-missing"
    title = "The schemas of the bank files are not installed"


@dataclass(frozen=True, slots=True)
class Node:
    """An element, asked by paths of local names such as ``Acct/Id/IBAN``."""

    element: Any

    def each(self, path: str) -> Iterator["Node"]:
        space = self.element.nsmap.get(self.element.prefix)
        for found in self.element.iterfind("/".join(f"{{{space}}}{step}" for step in path.split("/"))):
            yield Node(found)

    def first(self, path: str) -> "Node | None":
        return next(self.each(path), None)

    def text(self, path: str = "") -> str:
        """Stripped; empty where there is none."""
        found = self.first(path) if path else self
        return str(found.element.text or "").strip() if found else ""

    def is_amount(self, path: str) -> bool:
        """Whether an amount in our money stands there."""
        found = self.first(path)
        return found is not None and found.element.get("Ccy") == KZT

    def minor(self, path: str = "Amt") -> int:
        """An amount in tiyn. Raises BankFileRefused for another currency, or a part of a tiyn."""
        found = self.first(path)
        text = found.text() if found else ""
        if found is None or found.element.get("Ccy") != KZT or not _AMOUNT.fullmatch(text):
            raise BankFileRefused(f"{text[:40]!r} is no amount in {KZT}", rule="bank-file-amount")
        minor = Decimal(text) * MINOR_PER_MAJOR
        if minor != int(minor) or minor > MAX_MINOR:
            raise BankFileRefused(f"{text[:40]!r} is no amount in whole tiyn", rule="bank-file-amount")
        return int(minor)


def read(body: bytes, schema: str) -> Node:
    """The document's one message. Raises BankFileTooLarge, BankFileRefused."""
    if len(body) > LARGEST_FILE:
        raise BankFileTooLarge(f"A bank file has at most {LARGEST_FILE} bytes", rule="bank-file-size")
    text = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    encoding = _ENCODING.match(text)
    if b"\x00" in text or (encoding and encoding[1].lower() not in {b"utf-8", b"us-ascii", b"ascii"}):
        raise BankFileRefused("A bank file is UTF-8", rule="bank-file-encoding")
    if b"<!" in text.replace(b"<!--", b"").replace(b"<![CDATA[", b""):
        raise BankFileRefused("A bank file has no document type and no entities", rule="bank-file-doctype")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise BankFileRefused(str(error)[:LONGEST_TOLD], rule="bank-file-xml") from None
    if root.tag != f"{{{_NAMESPACE}{schema}}}Document":
        raise BankFileRefused(f"This is not a {schema} document", rule="bank-file-kind")
    check(root, schema)
    return Node(root[0])


def check(root: Any, schema: str) -> None:
    """Against ISO's schema. Raises BankFileRefused with every fault."""
    described = _schema(schema)
    if described.validate(root):
        return
    errors = [
        {"pointer": f"/line/{fault.line}", "message": fault.message.replace(f"{{{_NAMESPACE}{schema}}}", "")}
        for fault in list(described.error_log)[:MOST_FAULTS]
    ]
    told = [error | {"message": error["message"][:LONGEST_TOLD]} for error in errors]
    raise BankFileRefused(f"The file is not as {schema} describes it", errors=told, rule="bank-file-schema")


def schema_file(schema: str) -> Path:
    """Raises SchemasMissing."""
    package = find_spec(_HOME[schema])  # found, not imported: it would want what it was installed without
    if package is None or package.origin is None:
        raise SchemasMissing
    return Path(package.origin).parent / "templates" / schema / f"{schema}.xsd"


@lru_cache
def _schema(schema: str) -> Any:
    return etree.XMLSchema(
        etree.parse(str(schema_file(schema)), etree.XMLParser(resolve_entities=False, no_network=True))
    )


def document(schema: str) -> Any:
    """An empty document to hang elements on."""
    space = f"{_NAMESPACE}{schema}"
    return etree.Element(f"{{{space}}}Document", nsmap={None: space})


def hang(parent: Any, path: str, text: str | None = None, **attributes: str) -> Any:
    """A new element at the end of ``path`` below ``parent``; the steps before the last are made once."""
    space = parent.nsmap[None]
    *steps, last = path.split("/")
    for step in steps:
        stands = parent.find(f"{{{space}}}{step}")
        parent = etree.SubElement(parent, f"{{{space}}}{step}") if stands is None else stands
    made = etree.SubElement(parent, f"{{{space}}}{last}", attributes)
    made.text = text
    return made


def written(root: Any, schema: str) -> bytes:
    """The finished file: what does not fit the schema never leaves the house."""
    check(root, schema)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))
