"""What a bulletin's template may write."""

import re

import pytest

from civic.bulletins import Chart, Numbers, Words, blocks

WRITTEN = """
# A title

First line
of a paragraph.
## A heading
- one
> small
[numbers active accuracy]
[chart active by day]
after it
"""


def test_each_kind_of_line_is_a_block() -> None:
    assert list(blocks(WRITTEN)) == [
        Words("title", "A title"),
        Words("words", "First line of a paragraph."),
        Words("heading", "A heading"),
        Words("point", "one"),
        Words("small", "small"),
        Numbers(("active", "accuracy")),
        Chart("active", "day"),
        Words("words", "after it"),
    ]


@pytest.mark.parametrize(
    "order", ["[chart active]", "[draw active by day]", "[chart active by day by area]", "[numbers]"]
)
def test_an_order_that_is_none_is_told(order: str) -> None:
    with pytest.raises(ValueError, match=re.escape(order)):
        list(blocks(order))
