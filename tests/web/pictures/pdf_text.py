"""Reads the words back out of a PDF of our own: what a screen reader or a search would find, not what was put in.

Knows the parts of the format that our typesetter writes (ISO 32000: no object streams, CID fonts with ToUnicode maps).
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)\bendobj", re.DOTALL)
_HEAD = re.compile(rb"(\d+) 0 obj\s*<<(?:(?!endobj).)*?/Length (\d+)(?:(?!endobj).)*?stream\r?\n", re.DOTALL)
_PAGE = re.compile(rb"/Type/Page/Resources (\d+) 0 R.*?/Contents (\d+) 0 R", re.DOTALL)
_FONT = re.compile(rb"/(f\d+) (\d+) 0 R")
_TOKEN = re.compile(rb"/(f\d+) [\d.]+ Tf|(\()|\b(ET)\b", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
Letters = dict[int, str]  # by glyph


@dataclass
class Pdf:
    objects: dict[int, bytes]
    streams: dict[int, bytes]

    @classmethod
    def read(cls, data: bytes) -> "Pdf":
        """Streams are found by their length: compressed bytes may look like anything."""
        streams: dict[int, bytes] = {}
        rest, at = [], 0
        while found := _HEAD.search(data, at):
            packed = data[found.end() : found.end() + int(found[2])]
            streams[int(found[1])] = zlib.decompress(packed) if b"FlateDecode" in found[0] else packed
            rest.append(data[at : found.end()] + b" endobj ")
            at = found.end() + len(packed)
        objects = {int(n): body for n, body in _OBJECT.findall(b"".join([*rest, data[at:]]))}
        return cls(objects, streams)

    def text(self) -> str:
        """Page by page."""
        pages = [found for body in self.objects.values() if (found := _PAGE.search(body))]
        assert pages
        return "\n".join(_said(self.streams[int(page[2])], self._fonts(int(page[1]))) for page in pages)

    def _fonts(self, resources: int) -> dict[bytes, Letters]:
        body = self.objects[resources]
        apart = re.search(rb"/Font (\d+) 0 R", body)
        named = _FONT.findall(self.objects[int(apart[1])] if apart else body)
        return {name: self._letters(int(number)) for name, number in named}

    def _letters(self, font: int) -> Letters:
        named = re.search(rb"/ToUnicode (\d+) 0 R", self.objects[font])
        assert named is not None
        pairs = re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>", self.streams[int(named[1])])
        return {int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in pairs}


def _said(stream: bytes, fonts: dict[bytes, Letters]) -> str:
    return re.sub(r"\s+", " ", "".join(_words(stream, fonts)))


def _words(stream: bytes, fonts: dict[bytes, Letters]) -> Iterator[str]:
    letters: Letters = {}
    inside, at = False, 0
    while found := _TOKEN.search(stream, at):
        at = found.end()
        if found[1]:
            letters, inside = fonts[found[1]], True
        elif found[2]:
            plain, at = _string(stream, at)
            glyphs = [high << 8 | low for high, low in zip(plain[::2], plain[1::2], strict=True)] if inside else []
            yield from (letters.get(glyph, "\N{REPLACEMENT CHARACTER}") for glyph in glyphs)
        else:
            inside = False
            yield " "


def _string(stream: bytes, at: int) -> tuple[bytes, int]:
    """A literal string from behind its first bracket; brackets inside are balanced or escaped."""
    plain, depth = bytearray(), 1
    while True:
        sign, at = stream[at : at + 1], at + 1
        if sign == b"\\":
            octal = re.compile(rb"[0-7]{1,3}").match(stream, at)
            plain += bytes([int(octal[0], 8)]) if octal else _LETTERS.get(stream[at : at + 1], stream[at : at + 1])
            at = octal.end() if octal else at + 1
            continue
        depth += {b"(": 1, b")": -1}.get(sign, 0)
        if depth == 0:
            return bytes(plain), at
        plain += sign
