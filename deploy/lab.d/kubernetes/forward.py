"""Carries the connections that come to a port, on every address, to the same port of HOST: forward.py HOST FILE, the port being
the file's first word.

Ends each when either side does, so that a server's death is seen through it.
"""
import asyncio, sys


async def carry(source, target):
    try:
        while data := await source.read(1 << 16):
            target.write(data)
            await target.drain()
    except OSError:
        pass
    finally:
        target.close()


async def serve(host, port):
    async def accept(reader, writer):
        try:
            up, down = await asyncio.open_connection(host, port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(carry(reader, down), carry(up, writer))

    async with await asyncio.start_server(accept, ["0.0.0.0", "::"], port, backlog=512) as server:
        print("forwarding", flush=True)
        await server.serve_forever()


with open(sys.argv[2]) as file:
    first = int(file.read().split()[0])
asyncio.run(serve(sys.argv[1], first))
