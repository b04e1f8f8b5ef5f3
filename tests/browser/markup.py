"""What stands in a page, read without a browser: links, forms, texts with their language, headings."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

EMPTY_TAGS = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
SPOKEN = ("aria-label", "title", "alt", "placeholder", "aria-description")
UNSPOKEN = frozenset({"script", "style", "code", "pre", "kbd", "samp"})


@dataclass
class Field:
    """``kind`` is the type of an input, or ``select``, ``textarea``, ``button``."""

    name: str
    kind: str
    value: str
    chosen: bool = True
    choices: list[str] = field(default_factory=list)


@dataclass
class Form:
    action: str
    method: str
    fields: list[Field] = field(default_factory=list)

    def as_shown(self) -> dict[str, str]:
        """What a browser sends when nothing is changed; unchosen radios and buttons stay out."""
        return {f.name: f.value for f in self.fields if f.name and f.chosen and f.kind != "button"}

    def query(self) -> str:
        return f"{self.action}?{urlencode(self.as_shown())}"


class Page(HTMLParser):
    """``texts``: (language, text) of every text and spoken attribute. ``bones``: what the content is built of, whatever
    it says and however often."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.pictures: list[str] = []
        self.forms: list[Form] = []
        self.texts: list[tuple[str, str]] = []
        self.headings = 0
        self.language = ""
        self.ids: list[str] = []
        self.bones: set[tuple[str, str, str]] = set()
        self._open: list[tuple[str, str]] = []
        self._form: Form | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        language = given.get("lang") or (self._open[-1][1] if self._open else "")
        if tag == "html":
            self.language = language
        self.headings += tag == "h1"
        self.ids += [given["id"]] if "id" in given else []
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in {"img", "iframe", "source"} and "src" in given:
            self.pictures.append(given["src"])
        self._read_form(tag, given)
        spoken = [given[name] for name in SPOKEN if given.get(name)]
        if tag == "input" and given.get("type") in {"submit", "button"}:
            spoken.append(given.get("value", ""))
        self.texts += [(language, text) for text in spoken]
        if any(name == "main" for name, _language in self._open):
            self.bones.add((tag, given.get("class", ""), given.get("type", "")))
        if tag not in EMPTY_TAGS:
            self._open.append((tag, language))

    def _read_form(self, tag: str, given: dict[str, str]) -> None:
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        if self._form is None:
            return
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "input":
            kind = given.get("type", "text")
            chosen = kind not in {"radio", "checkbox"} or "checked" in given
            self._form.fields.append(Field(name, kind, value, chosen))
        elif tag in {"select", "textarea", "button"}:
            self._form.fields.append(Field(name, tag, value))
        elif tag == "option" and self._form.fields:
            select = self._form.fields[-1]
            select.value = value if "selected" in given or not select.choices else select.value
            select.choices.append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        for place in reversed(range(len(self._open))):
            if self._open[place][0] == tag:
                del self._open[place:]
                break

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and self._open and not any(tag in UNSPOKEN for tag, _language in self._open):
            self.texts.append((self._open[-1][1], text))
        if self._form and self._form.fields and self._open and self._open[-1][0] == "textarea":
            self._form.fields[-1].value = data.removeprefix("\n")

    def said(self, language: str) -> Iterator[str]:
        return (text for spoken, text in self.texts if spoken == language)
