"""S3-compatible storage in memory, as far as the media store asks for it; ``away``: it is in trouble and says so.

PUT, GET, HEAD of an object, ListObjectsV2 and DeleteObjects (docs.aws.amazon.com/AmazonS3/latest/API). Signatures are
not looked at.
"""

import re
from hashlib import md5
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

XML = "application/xml"


class FakeS3:
    """One bucket, whatever its name."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.puts = 0
        self.away = False
        self.app = Starlette(
            routes=[
                Route("/{bucket}", self._list),
                Route("/{bucket}", self._delete, methods=["POST"]),
                Route("/{bucket}/{key:path}", self._serve, methods=["GET", "HEAD", "PUT"]),
            ]
        )

    async def _list(self, request: Request) -> Response:
        if self.away:
            return _refused(503, "SlowDown")
        prefix = request.query_params.get("prefix", "")
        found = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-11-23T04:00:00.000Z</LastModified>"
            f"<ETag>{_tag(content)}</ETag><Size>{len(content)}</Size></Contents>"
            for key, content in sorted(self.objects.items())
            if key.startswith(prefix)
        )
        return Response(f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>", media_type=XML)

    async def _delete(self, request: Request) -> Response:
        body = await request.body()
        if self.away:
            return _refused(503, "SlowDown")
        keys = re.findall(r"<Key>(.*?)</Key>", body.decode())
        for key in keys:
            self.objects.pop(key, None)
        told = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        return Response(f"<DeleteResult>{told}</DeleteResult>", media_type=XML)

    async def _serve(self, request: Request) -> Response:
        key, body = request.path_params["key"], await request.body()
        if self.away:
            return _refused(503, "SlowDown")
        if request.method == "PUT":
            self.puts += 1
            self.objects[key] = body
            return Response(headers={"etag": _tag(body)})
        if key not in self.objects:
            return _refused(404, "NoSuchKey")
        content = self.objects[key]
        headers = {"etag": _tag(content), "last-modified": "Mon, 23 Nov 2026 04:00:00 GMT"}
        return Response(content, headers=headers)


def _tag(content: bytes) -> str:
    return f'"{md5(content, usedforsecurity=False).hexdigest()}"'


def _refused(status: int, code: str) -> Response:
    return Response(f"<Error><Code>{code}</Code><Message>{code}</Message></Error>", status, media_type=XML)
