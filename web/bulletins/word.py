"""A bulletin for offices that edit: headings, paragraphs and tables are Word's own, drawings are pictures."""

import io
from typing import Any

from actions.bulletins import Bulletin, Drawing, Number
from civic.bulletins import Words
from content.library import Library
from web.bulletins.paper import picture

STYLES = {"title": "Title", "heading": "Heading 1", "point": "List Bullet"}
FONT = "微软雅黑"  # its name in every Chinese Office
ACCENT = "456B42"  # as in look.css
WIDTH, HEIGHT, SIDE, TOP = 210, 297, 20, 18  # mm: A4 with the margins of the PDF


def word(library: Library, bulletin: Bulletin) -> bytes:
    """The .docx file."""
    import docx
    from docx.shared import Mm, Pt

    document = docx.Document()
    document.core_properties.title = bulletin.title
    document.core_properties.author = library.city.in_language(bulletin.language).name
    _fonts(document)
    _page(document, library, bulletin.language)
    for part in bulletin.parts:
        if isinstance(part, Words):
            paragraph = document.add_paragraph(part.text, style=STYLES.get(part.style, "Normal"))
            if part.style == "small":
                paragraph.runs[0].font.size = Pt(8.5)
        elif isinstance(part, Drawing):
            shape = document.add_picture(io.BytesIO(picture(library, bulletin, part)), width=Mm(WIDTH - 2 * SIDE))
            shape._inline.docPr.set("descr", part.title)  # for screen readers
        else:
            _table(document, part)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _table(document: Any, row: tuple[Number, ...]) -> None:
    from docx.shared import Pt

    table = document.add_table(rows=3, cols=len(row), style="Light Grid Accent 3")
    for column, number in enumerate(row):
        for line, text in enumerate((number.label, number.words, number.change)):
            run = table.cell(line, column).paragraphs[0].add_run(text)
            run.bold, run.font.size = line == 1, Pt(10)


def _page(document: Any, library: Library, language: str) -> None:
    """A4; below each page its number, which Word counts."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Mm(WIDTH), Mm(HEIGHT)
    section.left_margin = section.right_margin = Mm(SIDE)
    section.top_margin = section.bottom_margin = Mm(TOP)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    told = library.texts.render(language, "bulletin.page", page="\0PAGE\0", pages="\0NUMPAGES\0")
    for at, piece in enumerate(told.split("\0")):
        run = foot.add_run("" if at % 2 else piece)
        run.font.size = Pt(8)
        if at % 2:
            field = OxmlElement("w:fldSimple")
            field.set(qn("w:instr"), piece)
            run._r.addprevious(field)
            field.append(run._r)


def _fonts(document: Any) -> None:
    """One font for both scripts: else a style shows Chinese in whatever Word finds, and digits in another."""
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    for name in ("Normal", *STYLES.values()):
        style = document.styles[name]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for script in ("ascii", "hAnsi", "eastAsia"):
            fonts.set(qn(f"w:{script}"), FONT)
        if name in {"Title", "Heading 1"}:
            style.font.color.rgb = RGBColor.from_string(ACCENT)
        for line in style.element.xpath("w:pPr/w:pBdr/w:bottom"):
            line.set(qn("w:color"), ACCENT)
