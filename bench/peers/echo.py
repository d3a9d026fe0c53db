"""The reference: wechatpy on Starlette, which checks, parses and answers a message and keeps nothing."""

import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.messages import BaseMessage
from wechatpy.utils import check_signature

from bench.account import AES_KEY, APP_ID, MENU, TOKEN


class Account:
    """An account as wechatpy's documentation shows it; in safe mode where BENCH_SAFE is set."""

    def __init__(self) -> None:
        self._crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID) if os.environ.get("BENCH_SAFE") else None

    async def message(self, request: Request) -> BaseMessage | None:
        """The message of a request; nothing when a signature is wrong."""
        query, body = request.query_params, await request.body()
        try:
            check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
            if self._crypto is not None:
                body = self._crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
        except InvalidSignatureException:
            return None
        return parse_message(body)

    def answer(self, request: Request, message: BaseMessage) -> Response:
        """The passive reply, as wechatpy writes it."""
        reply = create_reply(MENU, message).render()
        if self._crypto is not None:
            reply = self._crypto.encrypt_message(reply, request.query_params["nonce"])
        return Response(reply, media_type="application/xml")


def build() -> Starlette:
    """The application for uvicorn."""
    account = Account()

    async def wechat(request: Request) -> Response:
        message = await account.message(request)
        return Response(status_code=403) if message is None else account.answer(request, message)

    return Starlette(routes=[Route("/wechat", wechat, methods=["POST"])])
