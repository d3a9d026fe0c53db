"""The figures in a text, Chinese or English: amounts, points, days, distances, hours, ages … as (value, unit)."""

import re
from collections.abc import Iterator
from fractions import Fraction

from tests.content.laws import number

Figure = tuple[Fraction, str]

_HAN = "零〇一二两三四五六七八九十百千"
_ZH_UNITS = {
    "元": r"元(?![旦宵件])",
    "分": r"分(?![钟之别类开享成明布为散给配心区])",
    "日": r"[日天](?![常前生])",
    "月": r"个月",
    "年": r"年(?![级货初])",
    "米": r"米(?![饭线粉])",
    "厘米": r"厘米",
    "公里": r"公里|千米|km",
    "公斤": r"公斤|千克|kg",
    "小时": r"(?:个)?(?:小时|钟头)",
    "分钟": r"分钟",
    "点": r"时(?![间候刻])|点(?![儿心名赞])",
    "岁": r"周?岁",
    "次": r"次(?!日)",
    "倍": r"倍",
    "分贝": r"分贝",
    "%": r"%",
}
_EN_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_EN_TEENS = ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"]
_EN_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_EN_VALUES = (
    {word: value for value, word in enumerate([*_EN_ONES, *_EN_TEENS])} | _EN_TENS | {"a": 1, "once": 1, "twice": 2}
)
_MANY = {"": 1, "hundred": 100, "thousand": 1000, "万": 10_000}
_EN_UNITS = {
    "元": r"yuan",
    "分": r"points?\b",
    "日": r"(?:working |natural )?days?\b",
    "月": r"months?\b",
    "年": r"years?\b(?![ -]?old)",
    "米": r"met(?:re|er)s?\b|m\b",
    "厘米": r"centimetres?|cm\b",
    "公里": r"kilomet(?:re|er)s?|km",
    "公斤": r"kilos?\b|kilograms?|kg",
    "小时": r"hours?",
    "分钟": r"minutes?",
    "点": r"[ap]\.?m\b|o'clock",
    "岁": r"years?[ -]olds?",
    "倍": r"times|fold",
    "分贝": r"dB|decibels?",
    "%": r"%|per ?cent",
}


def _pattern(value: str, units: dict[str, str]) -> re.Pattern[str]:
    named = "|".join(f"(?P<u{at}>{unit})" for at, unit in enumerate(units.values()))
    return re.compile(rf"(?<![第几数\d{_HAN}])(?P<value>{value})[\s-]*(?:{named})?", re.IGNORECASE)


_TOKENS = {
    "zh": _pattern(rf"(?:\d[\d,]*(?:\.\d+)?|[{_HAN}]+)(?:\s*万)?", _ZH_UNITS),
    "en": _pattern(rf"(?:\d[\d,]*(?:\.\d+)?|\b(?:{'|'.join(_EN_VALUES)})\b)(?:[ -](?:hundred|thousand))?", _EN_UNITS),
}
_UNITS = {"zh": list(_ZH_UNITS), "en": list(_EN_UNITS)}
_JOIN = re.compile(r"\s*(?:[–—~至到、或和/-]|to|or|and|以上|以下)\s*", re.IGNORECASE)
_TIME = re.compile(r"\b(\d{1,2}):(\d\d)\b")
_ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_DATE = re.compile(rf"(\d+|[{_HAN}]+)\s*月\s*(\d+|[{_HAN}]+)\s*日")
_PERCENT = re.compile(rf"百分之([{_HAN}]+)")
_SHARE = re.compile(rf"([{_HAN}]+)分之([{_HAN}]+)")
_LATE = re.compile(r"(?:下午|晚上|傍晚|夜里|晚)\s*$")
_MANNER = re.compile(r"[一两][天日次点分时]钟?|三[天次]|(?:one|a) .*")
"""«一次», «两天», «三次»: mostly a manner of speaking."""


def figures(text: str, language: str = "zh") -> set[Figure]:
    """All exact figures with a unit («第二天», «几百元», «六十多岁» are none).
    A date is (month * 100 + day, "日期"), 22:30 is (22.5, "点"), 晚上十点 is (22, "点")."""
    found: set[Figure] = set()
    for hour, minute in _TIME.findall(text):
        found.add((Fraction(int(hour) * 60 + int(minute), 60), "点"))
    text = _TIME.sub(";", text)
    if language == "zh":
        text = _ISO_DATE.sub(r"\1年\2月\3日", text)
        found.update((_value(month) * 100 + _value(day), "日期") for month, day in _DATE.findall(text))
        text = _PERCENT.sub(r"\1%", _DATE.sub(";", text))
        found.update((Fraction(number(up), number(down)), "份") for down, up in _SHARE.findall(text))
        text = _SHARE.sub(";", text)
    return found | set(_counted(text, language))


def _counted(text: str, language: str) -> Iterator[Figure]:
    """Figures from the last to the first: in «五日以上十日以下», «20 到 200 元» the first shares the second's unit."""
    unit: str | None = None
    after: re.Match[str] | None = None
    for found in reversed(list(_TOKENS[language].finditer(text))):
        own = _UNITS[language][int(found.lastgroup[1:])] if found.lastgroup not in (None, "value") else None
        joined = after is not None and _JOIN.fullmatch(text[found.end() : after.start()])
        unit, after = own or (unit if joined else None), found
        if unit is None or _MANNER.fullmatch(found[0]):
            continue
        value = _value(found["value"])
        if unit == "点" and value < 12 and (_LATE.search(text[: found.start()]) or re.search(r"p\.?m", found[0])):
            value += 12
        yield value, "公历" if unit == "年" and value > 1000 else unit


def _value(text: str) -> Fraction:
    """«2,000», «两万», «twenty», «five hundred» as a number."""
    digits, _, many = text.replace(",", "").casefold().replace("-", " ").replace("万", " 万").partition(" ")
    if digits in _EN_VALUES:
        value = Fraction(_EN_VALUES[digits])
    else:
        value = Fraction(digits) if digits[0].isdigit() else Fraction(number(digits))
    return value * _MANY[many.strip()]


def values(text: str, language: str) -> set[Fraction]:
    """All numbers, whatever they count: what the other language may mean by the same figure."""
    found = {value for value, _ in figures(text, language)}
    return found | {_value(token["value"]) for token in _TOKENS[language].finditer(text)}
