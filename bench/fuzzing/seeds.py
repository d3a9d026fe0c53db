"""What fuzzing begins with: what platforms, browsers and editors send."""

import hashlib
import io
import json
import tarfile
import zipfile

from openpyxl import Workbook
from PIL import Image

from bench.servers import ROOT
from content.forms import forms
from content.library import load

PAGES = (
    "/stats", "/stats.json", "/stats.csv", "/api/figures.json", "/api/reports.json", "/chat/messages", "/reports",
    "/reports/areas.json", "/reports/heaps.json", "/console/sign-in", "/export/x", "/r/x", "/chat",
    "/stats/editions.json", "/console/queue", "/console/map/heaps.json", "/console/audit", "/console/people",
    "/console/bulletins", "/console/today", "/console/supervisions", "/console/departments", "/console/sources",
)  # fmt: skip
FORMS = (
    "/console/queue", "/console/reports/26-1", "/console/people", "/console/people/1", "/console/account",
    "/console/bulletins", "/console/mutes", "/console/operations", "/console/today", "/console/sessions",
)  # fmt: skip
SMALL = ROOT / "tests" / "content" / "small"
CONTENT = tuple(sorted(str(path.relative_to(SMALL)) for path in SMALL.rglob("*.toml")))
SERIAL = b"12345678"  # in what is said in the web chat: each time another number, else it were the same message


def seeds(name: str) -> list[bytes]:
    """What a target begins with: what platforms, browsers and editors send."""
    payloads = ROOT / "tests" / "channels"
    if name in {"wechat", "wechat_safe"}:
        return [one["xml"].encode() for one in json.loads((payloads / "wechat" / "payloads.json").read_text("utf-8"))]
    if name == "telegram":
        files = sorted((payloads / "telegram" / "payloads").glob("*.json"))
        return [json.dumps(json.loads(file.read_text("utf-8"))["update"]).encode() for file in files]
    if name == "chat":
        said = ({"text": "来一题"}, {"choice": "/menu"}, {"place": {"lat": 32.4, "lon": 119.4, "label": "a"}})
        return [json.dumps({"id": SERIAL.decode(), **one}).encode() for one in said]
    if name == "upload":
        head = b'--x\r\nContent-Disposition: form-data; name="'
        photo = b'photo"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        number = head + b'id"\r\n\r\n' + SERIAL + b"\r\n"
        return [number + head + photo + one + b"\r\n--x--\r\n" for one in _pictures()[:2]]
    if name == "picture":
        return _pictures()
    if name == "exif":
        return [_exif().tobytes()[6:]]
    if name == "pages":
        asked = (b"period=2026-10&view=reports", b"from=2026-10-01&to=2026-10-31&by=area", b"category=litter&page=2",
                 b"start=2026-10-01T00:00:00Z&before=17.2", b"figure=arrivals&compare=1",
                 b"window=30.1,119.9,30.5,120.4&state=open", b"after=1&limit=2", b"status=all&q=a&late=1&order=due",
                 b"category=litter&before=1")  # fmt: skip
        return [bytes([place]) + one for place in range(len(PAGES)) for one in asked]
    if name == "sign_in":
        return [b"login=a&password=b&next=/console", b"login=a&password=b&next=//a&x=%ff"]
    if name == "forms":
        filled = (b"act=assign&version=1&department=urban&note=a&number=26-1", b"act=language&language=en",
                  b"name=a&login=b&role=lead&departments=urban", b"period=2026-10&view=reports&act=sign",
                  b"do=absent&first=2026-11-01&last=x")  # fmt: skip
        return [bytes([place]) + one for place in range(len(FORMS)) for one in filled]
    return _files(name)


def _pictures() -> list[bytes]:
    made = []
    for kind in ("JPEG", "PNG", "WEBP", "GIF"):
        file = io.BytesIO()
        Image.new("RGB", (24, 16), (200, 60, 30)).save(file, kind, exif=_exif())
        made.append(file.getvalue())
    return [*made, b"\0\0\0\x1cftypheic\0\0\0\0mif1heicmiaf"]


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[274] = 6
    exif.get_ifd(34665).update({36867: "2026:11:20 08:30:00", 36881: "+08:00"})
    exif.get_ifd(34853).update({1: "N", 2: (32.0, 23.0, 30.0), 3: "E", 4: (119.0, 25.0, 30.0)})
    return exif


def _files(name: str) -> list[bytes]:
    if name == "content":
        return [bytes([place]) + (SMALL / file).read_bytes() for place, file in enumerate(CONTENT)]
    if name == "areas":
        ring = [[119.0, 32.0], [119.1, 32.0], [119.1, 32.1], [119.0, 32.0]]
        shapes = ({"type": "Polygon", "coordinates": [ring]}, {"type": "MultiPolygon", "coordinates": [[ring]]})
        made = [{"features": [{"properties": {"id": "a"}, "geometry": shape}]} for shape in shapes]
        return [json.dumps(one).encode() for one in made]
    if name == "workbook":
        return [_workbook(), *(bytes([place]) + part for place, part in enumerate(PARTS.values()))]
    if name == "archive":
        manifest = {"made_at": "2026-11-01T00:00:00Z", "kind": "sqlite", "revision": "0001", "rows": {"talks": 1},
                    "files": {"youli.db": [1, hashlib.sha256(b"x").hexdigest()]}, "format": 1}  # fmt: skip
        made_up = json.dumps(manifest).encode()
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=0) as tar:
            tar.addfile(tarfile.TarInfo("youli.db"))
        return [b"youli.db\n" + made_up, b"../../b\n" + made_up, b"/b\n{}", file.getvalue()]
    answers = ({"ok": True, "result": {"file_id": "a", "file_path": "photos/a.jpg"}},
               {"ok": False, "error_code": 429, "description": "a", "parameters": {"retry_after": 3}},
               {"errcode": 40001, "errmsg": "a"}, {"access_token": "a", "expires_in": 7200, "msgid": 1})  # fmt: skip
    return [bytes([place]) + json.dumps(one).encode() for place in range(8) for one in answers]


def _workbook() -> bytes:
    library, file, book = load(SMALL, "town"), io.BytesIO(), Workbook()
    book.remove(book.active)
    for form in forms(library):
        sheet = book.create_sheet(form.sheet)
        sheet.append([column.name for column in form.columns])
        sheet.append(["1" for _ in form.columns])
    book.save(file)
    return file.getvalue()


with zipfile.ZipFile(io.BytesIO(_workbook())) as _packed:
    PARTS = {name: _packed.read(name) for name in _packed.namelist()}
