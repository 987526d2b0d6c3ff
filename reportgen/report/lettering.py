"""Words of a picture as text again, for print: matplotlib draws each letter as an outline of its own.

WeasyPrint reads outlines slowly, and nobody can search in them. Each letter keeps its place to the thousandth of a point,
and its font is the one whose outlines matplotlib took.
"""

import re
from collections.abc import Mapping
from html import unescape
from xml.etree.ElementTree import (
    Comment,
    Element,
    ParseError,
    SubElement,
    TreeBuilder,
    XMLParser,
    fromstring,
    register_namespace,
    tostring,
)

_SVG, _LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_GROUP, _USE, _DEFINITIONS, _TEXT = (f"{{{_SVG}}}{tag}" for tag in ("g", "use", "defs", "text"))
_HREF, _SPACE = f"{{{_LINK}}}href", "{http://www.w3.org/XML/1998/namespace}space"
_PLACE = re.compile(r"(translate\(\S+ \S+\)(?: rotate\(\S+\))?) scale\(([\d.]+) -\2\)")  # of a line of text
_ALONG = re.compile(r"translate\((\S+) 0\)")  # of a letter in its line
_SIZE = 100.0  # points: matplotlib's outlines of letters are those of this size
_JOINED = {"ffi": "\ufb03", "ffl": "\ufb04", "ff": "\ufb00", "fi": "\ufb01", "fl": "\ufb02"}  # letters drawn as one
_LETTER = re.compile("|".join((*_JOINED, ".")))

LETTERS: Mapping[str, tuple[str, str]] = {
    "DejaVuSans": ("normal", "normal"),
    "DejaVuSans-Bold": ("bold", "normal"),
    "DejaVuSans-Oblique": ("normal", "italic"),
}
"""{font file of matplotlib: (weight, style)}; outlines of other fonts, such as those that lend a sign, stay outlines."""

FAMILY = "Report Letters"


def font_faces(folder: str) -> str:
    """CSS that makes the fonts of a folder, given by its URL, known as `FAMILY`."""
    face = '@font-face {{ font-family: "{0}"; font-weight: {1}; font-style: {2}; src: url("{3}{4}.ttf") }}'
    return "\n".join(face.format(FAMILY, weight, style, folder, file) for file, (weight, style) in LETTERS.items())


def lettered(svg: bytes) -> bytes:
    """An SVG of matplotlib with text in place of outlines of letters; whatever else it holds, formulas too, is kept."""
    register_namespace("", _SVG)
    register_namespace("xlink", _LINK)
    try:
        root = fromstring(svg, XMLParser(target=TreeBuilder(insert_comments=True)))  # noqa: S314 - of our own figures
    except ParseError:
        return svg  # whoever prints it says so
    moved: list[Element] = []  # an outline stands where it is first used, and may be used again
    for group in root.iter(_GROUP):
        for index in range(len(group) - 1):
            told, drawn = group[index], group[index + 1]
            comment = told.tag is Comment  # type: ignore[comparison-overlap]  # so ElementTree marks comments
            words = unescape((told.text or "")[1:-1]) if comment else ""
            if words and drawn.tag == _GROUP and (line := _line(words, drawn)) is not None:
                moved += drawn.iterfind(f"{_DEFINITIONS}/*")
                group[index + 1] = line
    used = {outline.get(_HREF) for outline in root.iter(_USE)}
    SubElement(root, _DEFINITIONS).extend(outline for outline in moved if f"#{outline.get('id')}" in used)
    _unwrap(root)
    return tostring(root)


def _unwrap(element: Element) -> None:
    """Take out groups that say nothing of what they hold: matplotlib names each piece, and each name takes time to draw."""
    for child in list(element):
        _unwrap(child)
        if child.tag == _GROUP and not set(child.keys()) - {"id"}:
            index = list(element).index(child)
            element[index : index + 1] = list(child)


def _line(words: str, drawn: Element) -> Element | None:
    """A line of text, which matplotlib says in a comment before its outlines; None if they are not exactly its letters."""
    outlines, letters = drawn.findall(_USE), [_JOINED.get(letter, letter) for letter in _LETTER.findall(words)]
    fonts = {outline.get(_HREF, "#")[1:].rpartition("-")[0] for outline in outlines}
    place = _PLACE.fullmatch(drawn.get("transform", ""))
    along = [_ALONG.fullmatch(outline.get("transform", "translate(0 0)")) for outline in outlines]
    if not (place and all(along) and len(fonts) == 1 and fonts <= LETTERS.keys() and len(outlines) == len(letters)):
        return None
    size = float(place[2]) * _SIZE
    weight, style = LETTERS[fonts.pop()]
    line = Element(_TEXT, {"style": drawn.get("style", ""), "transform": place[1], "font-family": FAMILY, _SPACE: "preserve"})
    line.attrib |= {"font-size": f"{size:g}", "font-weight": weight, "font-style": style}
    line.set("x", " ".join(f"{float(found[1]) * size / _SIZE:.3f}" for found in along if found))
    line.text = "".join(letters)
    return line
