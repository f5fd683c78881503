#!/usr/bin/env python3
"""A backend as the road's Deployment runs it: says its name and the client's address as it sees it, and keeps connections. After
SIGTERM it takes no new ones, says so in the next answer on each that it has, and ends when none is left."""
import asyncio
import os
import signal
import socket

ending, kept = asyncio.Event(), set()


async def serve(reader, writer):
    kept.add(writer)
    peer = writer.get_extra_info("peername")[0].removeprefix("::ffff:")
    body = f"{os.environ.get('HOSTNAME', '?')} {peer}\n"
    try:
        while True:
            request = await reader.readuntil(b"\r\n\r\n")
            last = ending.is_set() or b" HTTP/1.0\r\n" in request or b"connection: close" in request.lower()
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: {'close' if last else 'keep-alive'}\r\n\r\n{body}".encode())
            await writer.drain()
            if last:
                break
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # the client has gone
    finally:
        kept.discard(writer)
        writer.close()


async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    listening = socket.create_server(("::", 8080), family=socket.AF_INET6, backlog=1024, dualstack_ipv6=True)
    server = await asyncio.start_server(serve, sock=listening)
    await ending.wait()
    server.close()
    while kept:
        await asyncio.sleep(0.1)


asyncio.run(main())
