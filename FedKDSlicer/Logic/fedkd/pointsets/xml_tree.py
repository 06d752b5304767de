"""Hostile XML as a small tree whose elements know their line. DTDs, entities and outside references are refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, InputSource, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from fedkd.pointsets.source_text import invalid

DEEPEST_NESTING = 32

_UTF8_MARK = b"\xef\xbb\xbf"


@dataclass
class XmlElement:
    """An element with its attributes, its own text, its children in document order, and its line (from 1)."""

    tag: str
    attributes: Mapping[str, str]
    line: int
    text: str = ""
    children: list[XmlElement] = field(default_factory=list)

    def named(self, tag: str) -> Iterator[XmlElement]:
        """Yield the children called ``tag``."""
        return (child for child in self.children if child.tag == tag)


def parse_xml(path: Path, content: bytes) -> XmlElement:
    """Return the root element of the XML text ``content``, which was read from ``path``.

    The encodings of the expat parser are read (UTF-8, UTF-16, ISO-8859-1, US-ASCII), as are files with white space
    before the XML declaration, which the standard forbids and programs nevertheless write.

    Raises:
        FedkdError: POINTS_INVALID with file and line.
    """
    body = content.removeprefix(_UTF8_MARK).lstrip(b" \t\r\n")
    skipped_lines = content[: len(content) - len(body)].count(b"\n")
    builder = _TreeBuilder(path, skipped_lines)
    parser = DefusedExpatParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    parser.setContentHandler(builder)
    source = InputSource()
    source.setByteStream(BytesIO(body))
    try:
        parser.parse(source)
    except SAXParseException as error:
        line = (error.getLineNumber() or 1) + skipped_lines
        raise invalid(path, line, f"The file is no complete XML: {error.getMessage()}") from None
    except DefusedXmlException:
        raise invalid(
            path, builder.line, "The file has a document type or entities, which no point set needs and attacks use"
        ) from None
    except (SAXException, LookupError, ValueError) as error:
        # Unknown and multi-byte encodings end here.
        raise invalid(path, builder.line, f"The file cannot be read as XML: {error}") from None
    if builder.root is None:
        raise invalid(path, None, "The file is empty")
    return builder.root


class _TreeBuilder(ContentHandler):
    def __init__(self, path: Path, skipped_lines: int) -> None:
        super().__init__()
        self._path = path
        self._skipped_lines = skipped_lines
        self._open: list[XmlElement] = []
        # Comments cut a text into pieces; joining them one by one would take hours on a hostile file.
        self._texts: list[list[str]] = []
        self._place: Locator | None = None
        self.root: XmlElement | None = None

    @property
    def line(self) -> int:
        number = self._place.getLineNumber() if self._place is not None else None
        return (number or 1) + self._skipped_lines

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 (SAX's name)
        self._place = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 (SAX's name)
        if len(self._open) >= DEEPEST_NESTING:
            raise invalid(self._path, self.line, f"Elements are nested more than {DEEPEST_NESTING} deep")
        element = XmlElement(name, dict(attrs.items()), self.line)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)
        self._texts.append([])

    def characters(self, content: str) -> None:
        if self._texts:
            self._texts[-1].append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        self._open.pop().text = "".join(self._texts.pop())
