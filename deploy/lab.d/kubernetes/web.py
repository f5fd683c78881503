#!/usr/bin/env python3
"""A backend as the road's Deployment runs it: says its name and the client's address as it sees it, and ends on SIGTERM once
it has answered what it took."""
import http.server
import os
import signal
import threading


class Web(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{os.environ.get('HOSTNAME', '?')} {self.client_address[0]}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = False  # the end waits for them


if __name__ == "__main__":
    server = Server(("0.0.0.0", 8080), Web)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.1)
    server.server_close()
