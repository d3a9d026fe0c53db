"""Chinese number plates: format only, never the owner.

Patterns follow GA 36—2018 with its amendments as summarised publicly, and for the plates that it leaves to others what
is commonly described. I and O are not used in the serial.

ordinary     province, letter, five characters, of which the last may say the kind: trailer, learner, police, Hong Kong,
             Macau, consulate, trial, oversize
new energy   province, letter, six characters: small cars D/A/B/C/E or F/G/H/J/K first, large ones last
rescue       province, X or S, three or four digits, «emergency»
embassy      «embassy» before or after six digits
police force WJ, province (none for headquarters), four digits, a digit or letter
army         two letters, five digits
airport      «civil aviation», five characters
tractor      province, two digits, five characters
"""

import re
import unicodedata

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_KINDS = "挂学警港澳领试超"
_PLATE = re.compile(
    rf"[{PROVINCES}][A-HJ-NP-Z][A-HJ-NP-Z0-9]{{4}}[A-HJ-NP-Z0-9{_KINDS}]"
    rf"|[{PROVINCES}][A-HJ-NP-Z](?:[A-HJK][A-HJ-NP-Z0-9][0-9]{{4}}|[0-9]{{5}}[A-HJK])"
    rf"|[{PROVINCES}][XS][0-9]{{3,4}}应急"
    r"|使[0-9]{6}|[0-9]{6}使"
    rf"|WJ[{PROVINCES}]?[0-9]{{4}}[0-9A-Z]"
    r"|[BCEGHJKLNSVZ][A-HJ-NP-Z][0-9]{5}"
    r"|民航[A-HJ-NP-Z0-9]{5}"
    rf"|[{PROVINCES}][0-9]{{2}}[A-HJ-NP-Z0-9]{{5}}"
)
_GAP = r"[ \t\u3000·•・.．\-－—]{0,3}"
_SIGN = "[A-Za-z0-9Ａ-Ｚａ-ｚ０-９]"
_LETTER = "[A-Za-zＡ-Ｚａ-ｚ]"
# Whatever looks like one, rather too much than too little: people leave out and add characters. A province in a row
# with the next two signs, so that «宁 3 号楼» stays.
_WRITTEN = re.compile(
    rf"[{PROVINCES}]{_GAP}{_LETTER}(?:{_GAP}{_SIGN}){{4,6}}(?:[{_KINDS}]|应急)?"
    rf"|[Ww][Jj]{_GAP}[{PROVINCES}]?(?:{_GAP}{_SIGN}){{5}}"
    rf"|使{_GAP}[0-9０-９](?:{_GAP}[0-9０-９]){{5}}|(?<![0-9])[0-9](?:{_GAP}[0-9]){{5}}使|民航(?:{_GAP}{_SIGN}){{5}}"
)
# Without its province it counts as one where the words before it say so, or where it is written as plates are, with the
# dot. A figure must be in it, so that «车牌 ABCDE» and names stay.
_BARE = re.compile(
    rf"(?:(?<=车牌)|(?<=号牌)|(?<=牌照)|(?<=车牌号)|(?<=号牌号)|(?<=车牌号码)|(?<=号牌号码)|(?<=车牌是)|(?<=车牌号是)|(?<=plate))"
    rf"(?P<before>[ \t:：是为]{{0,3}}){_LETTER}(?=(?:{_GAP}{_LETTER}){{0,6}}{_GAP}[0-9０-９])(?:{_GAP}{_SIGN}){{4,6}}"
    rf"|(?<![A-Za-zＡ-Ｚａ-ｚ0-9０-９]){_LETTER}[·•・](?=[A-Za-z]{{0,4}}[0-9]){_SIGN}{{5,6}}(?![A-Za-z0-9])",
    re.IGNORECASE,
)


def normal_plate(text: str) -> str | None:
    """The plate in its usual spelling (capitals, no dots or blanks), or None if it is none."""
    plate = re.sub(r"[\s·•・.\-—]", "", unicodedata.normalize("NFKC", text)).upper()
    return plate if _PLATE.fullmatch(plate) else None


def masked(plate: str) -> str:
    """How a plate is shown to anyone but the case handlers: «浙A·***45»; nothing for none."""
    return f"{plate[:2]}·***{plate[-2:]}" if plate else ""


def with_masked(text: str) -> str:
    """A text as anyone may read it: whatever looks like a plate in it is masked."""
    whole = _WRITTEN.sub(lambda found: masked(re.sub(r"[\s·•・.．\-－—]", "", found[0]).upper()), text)
    return _BARE.sub(lambda found: f"{found['before'] or ''}***{found[0][-2:]}", whole)


def reads_like_one(written: str) -> bool:
    """Whether what was read in a picture may be a plate, rather too often than too seldom: in a row four capitals and
    figures with two figures, or five to eight with one. Provinces and dots are often misread, so they don't count."""
    signs = re.sub(r"[\s·•・.．:：\-－—]", "", unicodedata.normalize("NFKC", written)).upper()
    runs = [(len(run), sum(sign.isdigit() for sign in run)) for run in re.findall(r"[A-Z0-9]{4,}", signs)]
    return any(figures >= 2 or (figures == 1 and 5 <= length <= 8) for length, figures in runs)
