#!/usr/bin/env python3
"""Asks HOST[:PORT] COUNT times, on a new connection each time, and prints the answers; ends 1 at the first that fails."""
import http.client
import sys

host, count = sys.argv[1], int(sys.argv[2])
for _ in range(count):
    try:
        connection = http.client.HTTPConnection(host, timeout=15)
        connection.request("GET", "/")
        answer = connection.getresponse()
        said = answer.read().decode()
        connection.close()
    except (OSError, http.client.HTTPException) as e:
        sys.exit(f"{host}: {e!r}")
    if answer.status != 200:
        sys.exit(f"{host}: {answer.status}")
    sys.stdout.write(said)
