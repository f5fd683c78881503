#!/usr/bin/env python3
"""Asks HOST[:PORT] again and again, on four new connections at a time, until SIGTERM; then prints REQUESTS FAILED."""
import datetime
import http.client
import signal
import sys
import threading

host, ended = sys.argv[1], threading.Event()
signal.signal(signal.SIGTERM, lambda *_: ended.set())
counts, lock = {"requests": 0, "failed": 0}, threading.Lock()


def ask():
    while not ended.is_set():
        problem = None
        try:
            connection = http.client.HTTPConnection(host, timeout=20)
            connection.request("GET", "/")
            if connection.getresponse().status != 200:
                problem = "not 200"
            connection.close()
        except (OSError, http.client.HTTPException) as e:
            problem = repr(e)
        with lock:
            counts["requests"] += 1
            if problem:
                counts["failed"] += 1
                print(f"{datetime.datetime.now():%T.%f} {problem}", file=sys.stderr, flush=True)
        ended.wait(0.4)  # more would be the emulated processor's whole work


threads = [threading.Thread(target=ask) for _ in range(4)]
for thread in threads:
    thread.start()
while not ended.wait(1):
    pass
for thread in threads:
    thread.join()
print(counts["requests"], counts["failed"])
