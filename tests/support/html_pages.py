"""What a page consists of, as far as people with a keyboard or a screen reader need it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_FIELDS = {"input", "select", "textarea"}
_VOID = {"input", "meta", "link", "br", "hr", "img", "path", "source", "wbr", "col", "area"}
_NAMED_ALONE = {"hidden", "submit", "button", "reset", "image"}


@dataclass
class Field:
    """An input, select or textarea."""

    id: str
    kind: str
    has_label: bool
    """By its own attributes, or because it stands in a label."""


@dataclass
class Page(HTMLParser):
    """Reads a page."""

    html: str
    language: str = ""
    title: str = ""
    headings: list[tuple[int, str]] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    tokens: list[tuple[str, bool]] = field(default_factory=list)
    """Of each form: its method, and whether it has a token."""
    inline: list[str] = field(default_factory=list)
    """What the content security policy forbids."""
    ids: list[str] = field(default_factory=list)
    headers_without_scope: int = 0
    mains: int = 0

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._note(tag, given)
        if tag not in _VOID:
            self._open.append((tag, given, []))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, {name: value or "" for name, value in attrs})

    def handle_data(self, data: str) -> None:
        for _, _, said in self._open:
            said.append(data)

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            opened, given, said = self._open.pop()
            self._read(opened, given, " ".join("".join(said).split()))
            if opened == tag:
                return

    def unlabelled(self) -> list[Field]:
        """Fields of which nobody is told what they are for."""
        return [
            one
            for one in self.fields
            if one.kind not in _NAMED_ALONE and not one.has_label and not self.labels.get(one.id)
        ]

    def _note(self, tag: str, given: dict[str, str]) -> None:
        self.inline += [f"{tag} {name}" for name in given if name == "style" or name[:2] == "on"]
        self.inline += [tag] if tag == "script" and "src" not in given else []
        self.ids += [given["id"]] if "id" in given else []
        self.headers_without_scope += tag == "th" and "scope" not in given
        self.mains += tag == "main"
        if tag == "html":
            self.language = given.get("lang", "")
        elif tag == "form":
            self.tokens.append((given.get("method", "get").lower(), False))
        elif tag in _FIELDS:
            self._note_field(tag, given)

    def _note_field(self, tag: str, given: dict[str, str]) -> None:
        if given.get("name") == "csrf_token" and self.tokens:
            self.tokens[-1] = (self.tokens[-1][0], True)
        in_label = any(opened == "label" for opened, _, _ in self._open)
        named = in_label or bool(given.get("aria-label") or given.get("aria-labelledby"))
        self.fields.append(Field(given.get("id", ""), given.get("type", tag), named))

    def _read(self, tag: str, given: dict[str, str], said: str) -> None:
        said = said or given.get("aria-label", "")
        if tag == "title" and not any(opened == "svg" for opened, _, _ in self._open):
            self.title = said
        elif tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            self.headings.append((int(tag[1]), said))
        elif tag == "label" and "for" in given:
            self.labels[given["for"]] = said
        elif tag == "button":
            self.buttons.append(said)
        elif tag == "a":
            self.links.append(said)
        elif tag == "style":
            self.inline.append(tag)
