"""What may be kept of a question that nobody could answer: words without a person, for editors to learn from."""

import re
import unicodedata

from civic.choices import plain

LONGEST = 60  # characters; a longer text is a story, and stories have people in them

_NUMBER = "[0-9零〇一二两三四五六七八九十百]+"
_PRIVATE = re.compile(
    r"[0-9](?:[ .\-]?[0-9]){4}"  # telephones, plates, cards, coordinates
    r"|[零〇幺一二三四五六七八九]{5}"
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][a-z][ ·•]?[a-z0-9]{4}"  # plates with letters
    rf"|{_NUMBER} ?(?:号|栋|幢|座|单元|室|弄|组)"  # addresses
    r"|[0-9]+ ?(?:楼|层)"
    r"|[0-9]+ [a-z]+ (?:street|st|road|rd|avenue|ave|lane)\b"
    r"|@|://|www\.|\.com"
    r"|我叫|我姓|我是|我住|我家[住在]|本人|名叫|联系方式|身份证号|微信号|\bmy name|\bi am|\bi.?m |\bi live"
)


def keepable(text: str) -> str | None:
    """The words in their plain form, or None where they might tell of a person or a place, or say nothing."""
    words = plain(" ".join(unicodedata.normalize("NFKC", text).split()))
    if not 2 <= len(words) <= LONGEST or not any(character.isalpha() for character in words):
        return None
    return None if _PRIVATE.search(words) else words
