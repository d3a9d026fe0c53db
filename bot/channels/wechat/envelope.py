"""Signatures and encryption of what WeChat sends to ``/wechat``, and of what it gets back (protocols B3).

wechatpy encrypts and decrypts; the signatures are compared here, in constant time, which wechatpy does not. Its
cipher is made once: for a message of its own it costs more than the message (research: speed).
"""

import hashlib
import hmac
import secrets
from base64 import b64decode
from collections.abc import Mapping

from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException

_SEALED = (
    "<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
    "<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
)


class Forged(Exception):
    """It does not come from WeChat, or not for this account; the text says what is wrong with it."""


class Unreadable(Exception):
    """The body is no message of WeChat's."""


class _Crypto(PrpCrypto):  # type: ignore[misc]
    """wechatpy's, with its random start from the system: with a fixed IV nothing else hides equal messages."""

    def get_random_string(self) -> str:
        return secrets.token_hex(8)


class Envelope:
    """Opens what comes and seals what goes. Without a key messages are plain; with one, plain text is refused."""

    def __init__(self, token: str, app_id: str = "", aes_key: str = "") -> None:
        """Raises ValueError for a key that is none."""
        self._token, self._app_id = token, app_id
        self._crypto = _Crypto(key_of(aes_key)) if aes_key else None

    @property
    def encrypted(self) -> bool:
        """Whether plain text is refused."""
        return self._crypto is not None

    def signed(self, parameters: Mapping[str, str]) -> bool:
        """Whether the query carries WeChat's signature: sha1 of token, timestamp and nonce, sorted."""
        expected = self._mark(parameters.get("timestamp", ""), parameters.get("nonce", ""))
        return hmac.compare_digest(expected.encode(), parameters.get("signature", "").encode())

    def open(self, parameters: Mapping[str, str], raw: bytes) -> bytes:
        """The message's XML. Raises Forged and Unreadable. A plain body is as good as its query's signature.

        In compatible mode a body holds the message twice: what counts is the encrypted one.
        """
        if self._crypto is None:
            if raw.find(b"<MsgType>") < 0 <= raw.find(b"<Encrypt>"):
                raise Unreadable("the account is in safe mode: set YOULI_WECHAT_AES_KEY")
            return raw
        encrypted = between(raw, b"<Encrypt>", b"</Encrypt>")
        if not encrypted:
            raise Forged("plain text where encryption is on")
        expected = self._mark(parameters.get("timestamp", ""), parameters.get("nonce", ""), encrypted)
        if not hmac.compare_digest(expected.encode(), parameters.get("msg_signature", "").encode()):
            raise Forged("msg_signature")
        try:
            content: str = self._crypto.decrypt(encrypted, self._app_id)
        except InvalidAppIdException:
            raise Forged("a message for another account: check YOULI_WECHAT_APP_ID") from None
        except Exception as error:  # base64, AES and struct each have their own
            raise Unreadable(type(error).__name__) from None
        return content.encode()

    def seal(self, reply: bytes, timestamp: str) -> bytes:
        """A reply as it leaves: encrypted where messages are."""
        if self._crypto is None:
            return reply
        encrypted: str = self._crypto.encrypt(reply, self._app_id).decode()
        nonce = secrets.token_hex(8)
        signature = self._mark(timestamp, nonce, encrypted)
        return _SEALED.format(encrypted=encrypted, signature=signature, timestamp=timestamp, nonce=nonce).encode()

    def _mark(self, *parts: str) -> str:
        return hashlib.sha1("".join(sorted((self._token, *parts))).encode()).hexdigest()  # nosec B324 # noqa: S324 - WeChat's protocol


def key_of(aes_key: str) -> bytes:
    """The 32 bytes of an EncodingAESKey (43 characters). Raises ValueError."""
    try:
        key = b64decode(aes_key + "=", validate=True)
    except ValueError:
        key = b""
    if len(aes_key) != 43 or len(key) != 32:
        raise ValueError("an EncodingAESKey has 43 letters and digits")
    return key


def between(raw: bytes, start: bytes, end: bytes) -> str:
    """The text of a flat element, without its CDATA."""
    inner = raw.partition(start)[2].partition(end)[0].strip()
    return inner.removeprefix(b"<![CDATA[").removesuffix(b"]]>").decode(errors="replace")
