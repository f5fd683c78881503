#!/usr/bin/env python3
"""moto as moto_server starts it, and a line for each request that it answered.

    counted_moto.py LOG

Prints its URL. A line of LOG: status, html or api (what kind of answer), service and region as signed, operation (or method
and path), a number for what was asked (the same for a retry). GET /bench/mark writes a line "mark". It ends with its input.
"""

import io
import os
import re
import sys
import threading
import zlib

os.environ.setdefault("AWS_ACCESS_KEY_ID", "testing")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "testing")

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402
from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: E402

SCOPE = re.compile(r"Credential=[^/]*/\d+/([^/]*)/([^/]*)/")
ACTION = re.compile(rb"(?:^|&)Action=(\w+)")


class Counted:
    def __init__(self, application, log):
        self.application, self.log = application, log

    def __call__(self, environ, start):
        if environ["PATH_INFO"] == "/bench/mark":
            self.log.write("mark\n")
            start("200 OK", [("Content-Type", "text/plain")])
            return [b"marked\n"]
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        environ["wsgi.input"] = Body(body)
        signed = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        region, service = signed.groups() if signed else ("-", "-")
        action = ACTION.search(body)
        target = environ.get("HTTP_X_AMZ_TARGET") or (action.group(1).decode() if action else "")
        path = environ["PATH_INFO"] + "?" + environ.get("QUERY_STRING", "")
        asked = zlib.crc32(f"{service} {region} {target} {environ['REQUEST_METHOD']} {path}".encode("utf-8", "replace") + body)
        operation = re.sub(r"\s", "_", target or environ["REQUEST_METHOD"] + ":" + path)

        statuses = []

        def starting(status, headers, *rest):
            statuses.append(status[:3])
            return start(status, headers, *rest)

        try:
            answer = b"".join(self.application(environ, starting))
        except Exception:  # what moto's server makes of it
            starting("500 INTERNAL SERVER ERROR", [("Content-Type", "text/html")])
            answer = b"<!doctype html><title>500</title>"
        html = answer[:64].lstrip().lower().startswith((b"<!doctype", b"<html"))
        self.log.write(f"{statuses[-1]} {'html' if html else 'api'} {service} {region} {operation} {asked}\n")
        return [answer]


class Body:
    """What of a request's body was read, to be read again."""

    def __init__(self, body):
        self.stream = io.BytesIO(body)

    def __getattr__(self, name):
        return getattr(self.stream, name)


class Silent(WSGIRequestHandler):
    def log(self, *_):
        pass


def main():
    with open(sys.argv[1], "w", buffering=1, encoding="utf-8", errors="replace") as log:
        server = make_server("127.0.0.1", 0, Counted(DomainDispatcherApplication(create_backend_app), log), threaded=True, request_handler=Silent)
        os.environ["MOTO_PORT"] = str(server.port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"http://127.0.0.1:{server.port}", flush=True)
        os.dup2(2, 1)  # what moto prints is for nobody
        sys.stdin.read()
        log.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
