"""The reference: wechatpy on Starlette, which checks, parses and answers a message and keeps nothing."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from wechatpy import create_reply, parse_message
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.messages import BaseMessage
from wechatpy.utils import check_signature

TOKEN = "bench"
MENU = "你好，我是小礼。回复「贴士」看今天的贴士，「答题」来一题，「积分」看你的积分，「随手拍」报告问题。"


async def signed(request: Request) -> BaseMessage | None:
    """The message of a request; nothing when the signature is wrong."""
    query = request.query_params
    try:
        check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
    except InvalidSignatureException:
        return None
    return parse_message(await request.body())


def answer(message: BaseMessage) -> Response:
    """The passive reply, as wechatpy writes it."""
    return Response(create_reply(MENU, message).render(), media_type="application/xml")


async def _wechat(request: Request) -> Response:
    message = await signed(request)
    return Response(status_code=403) if message is None else answer(message)


def build() -> Starlette:
    """The application for uvicorn."""
    return Starlette(routes=[Route("/wechat", _wechat, methods=["POST"])])
