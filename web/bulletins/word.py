"""A bulletin for offices that edit: headings, paragraphs and tables are Word's own, drawings are pictures."""

import io
from typing import Any

from actions.bulletins import Bulletin, Drawing, Number
from civic.bulletins import Words
from content.library import Library
from web.bulletins.paper import picture

STYLES = {"title": "Title", "heading": "Heading 1", "point": "List Bullet"}
CHINESE = "微软雅黑"  # the font's name in every Chinese Office


def word(library: Library, bulletin: Bulletin) -> bytes:
    """The .docx file."""
    import docx
    from docx.shared import Cm, Pt

    document = docx.Document()
    document.core_properties.title = bulletin.title
    document.core_properties.author = library.city.in_language(bulletin.language).name
    _fonts(document)
    for part in bulletin.parts:
        if isinstance(part, Words):
            paragraph = document.add_paragraph(part.text, style=STYLES.get(part.style, "Normal"))
            if part.style == "small":
                paragraph.runs[0].font.size = Pt(8.5)
        elif isinstance(part, Drawing):
            document.add_picture(io.BytesIO(picture(library, bulletin, part)), width=Cm(15))
        else:
            _table(document, part)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _table(document: Any, row: tuple[Number, ...]) -> None:
    table = document.add_table(rows=3, cols=len(row), style="Light Grid Accent 3")
    for column, number in enumerate(row):
        for line, text in enumerate((number.label, number.words, number.change)):
            table.cell(line, column).text = text


def _fonts(document: Any) -> None:
    """Without an East Asian font of its own a style shows Chinese in whatever Word finds."""
    from docx.oxml.ns import qn

    for name in ("Normal", *STYLES.values()):
        document.styles[name].element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), CHINESE)
