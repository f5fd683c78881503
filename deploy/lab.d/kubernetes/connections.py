#!/usr/bin/env python3
"""Keeps COUNT connections to HOST PORT open, each of which asks once in EVERY seconds, until SIGTERM; one that the server closes
after an answer that said so is opened again, as a browser or a pool of connections does. Says "open" when all are, then prints

    REQUESTS REOPENED RESET REFUSED SILENT

where RESET are requests whose connection was reset or closed without an answer, REFUSED connections that were not taken, SILENT
those of both that got nothing in 30 s. A line for some of each kind goes to standard error."""
import asyncio
import collections
import datetime
import signal
import sys

host, port, count, every = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
counts, ended, opened = collections.Counter(), asyncio.Event(), 0
SILENT = 30


def problem(kind, error):
    counts[kind] += 1
    if counts[kind] % 100 < 4:
        print(f"{datetime.datetime.now():%T} {kind} {counts[kind]}: {error!r}", file=sys.stderr, flush=True)


async def connect():
    try:
        return await asyncio.wait_for(asyncio.open_connection(host, port), SILENT)
    except TimeoutError as e:
        problem("silent", e)
    except OSError as e:
        problem("refused", e)
    await asyncio.sleep(1)
    return None


async def ask(reader, writer):
    """True when the connection can be asked again."""
    try:
        writer.write(b"GET / HTTP/1.1\r\nHost: web\r\n\r\n")
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SILENT)
        length = int(next(line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")))
        await asyncio.wait_for(reader.readexactly(length), SILENT)
        counts["requests"] += 1
        if b"connection: close" not in head.lower():
            return True
        counts["reopened"] += 1
    except TimeoutError as e:
        problem("silent", e)
    except (OSError, asyncio.IncompleteReadError) as e:
        problem("reset", e)
    writer.close()
    return False


async def keep(number):
    global opened
    await asyncio.sleep(every * number / count)
    connection, first = None, True
    while not ended.is_set():
        if connection is None:
            connection = await connect()
            continue
        if first:
            first, opened = False, opened + 1
            if opened == count:
                print("open", flush=True)
        if not await ask(*connection):
            connection = None
            continue
        try:
            await asyncio.wait_for(ended.wait(), every)
        except TimeoutError:
            pass


async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await asyncio.gather(*(keep(number) for number in range(count)))
    print(*(counts[kind] for kind in ("requests", "reopened", "reset", "refused", "silent")))


asyncio.run(main())
