"""What is around WeChat's encryption: random start, length, account and padding, refused when it is not right."""

import hashlib
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto.base import WeChatCipher

from bot.channels.wechat.envelope import Envelope, Forged, Unreadable, key_of

TOKEN, APP_ID, AES_KEY = "token", "wx0123456789abcdef", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TIME, NONCE = "1795867200", "42"
XML = "<xml><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[答题]]></Content></xml>".encode()


def framed(xml: bytes, account: str = APP_ID, length: int | None = None) -> bytes:
    """A message before padding."""
    size = len(xml) if length is None else length
    return b"0123456789abcdef" + size.to_bytes(4, "big") + xml + account.encode()


def padded(frame: bytes) -> bytes:
    """As WeChat fills it up to whole blocks of 32 bytes."""
    rest = 32 - len(frame) % 32
    return frame + bytes([rest]) * rest


def opened(encrypted: bytes) -> bytes:
    """What an envelope finds in it, rightly signed."""
    text = encrypted.decode()
    signature = hashlib.sha1("".join(sorted((TOKEN, TIME, NONCE, text))).encode()).hexdigest()  # noqa: S324 - WeChat's protocol
    body = f"<xml><ToUserName><![CDATA[gh]]></ToUserName><Encrypt><![CDATA[{text}]]></Encrypt></xml>".encode()
    return Envelope(TOKEN, APP_ID, AES_KEY).open({"timestamp": TIME, "nonce": NONCE, "msg_signature": signature}, body)


def sealed(plain: bytes) -> bytes:
    return b64encode(WeChatCipher(key_of(AES_KEY)).encrypt(plain))


@given(st.binary(max_size=200))
def test_any_message_is_opened_as_it_was(xml: bytes) -> None:
    assert opened(sealed(padded(framed(xml)))) == xml


@pytest.mark.parametrize(
    "plain",
    [
        padded(framed(XML))[:-1] + b"\x00",
        padded(framed(XML))[:-1] + b"\x21",
        padded(framed(XML, length=len(XML) + 100)),
        padded(framed(XML, length=2**32 - 1)),
        bytes([32]) * 32,
    ],
    ids=["no padding", "more padding than a block", "shorter than it says", "far shorter", "nothing but padding"],
)
def test_what_is_not_framed_as_wechat_does_is_unreadable(plain: bytes) -> None:
    with pytest.raises(Unreadable):
        opened(sealed(plain))


@pytest.mark.parametrize("encrypted", [b"A", b"AAAA", b"A" * 44], ids=["no base64", "no block", "no whole block"])
def test_what_is_not_encrypted_is_unreadable(encrypted: bytes) -> None:
    with pytest.raises(Unreadable):
        opened(encrypted)


@pytest.mark.parametrize("account", ["", "wx9999999999999999", APP_ID + "x"])
def test_a_message_for_another_account_is_refused(account: str) -> None:
    with pytest.raises(Forged, match="another account"):
        opened(sealed(padded(framed(XML, account))))


def test_equal_answers_look_different_each_time() -> None:
    envelope = Envelope(TOKEN, APP_ID, AES_KEY)
    assert envelope.seal(XML, TIME) != envelope.seal(XML, TIME)
