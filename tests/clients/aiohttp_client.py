"""Python's aiohttp, which sends a packed body as deflate and in chunks."""

import asyncio
import json

import aiohttp
from sender import TIMEOUT, Batches, NotTaken, Patience, array, large, lines

JSON = {"Content-Type": "application/json"}


def as_json(session, url, events):
    return session.post(url, json=[json.loads(event) for event in events])


@large
def as_large_bytes(session, url, events):
    return session.post(url, data=array(events), headers=JSON)


def as_deflate(session, url, events):
    return session.post(url, data=array(events), headers=JSON, compress="deflate")


def as_gzip(session, url, events):
    return session.post(url, data=array(events), headers=JSON, compress="gzip")


def as_stream(session, url, events):
    async def pieces():
        for line in lines(events).splitlines():
            yield line + b"\n"

    return session.post(url, data=pieces(), headers={"Content-Type": "application/x-ndjson"})


def as_expected(session, url, events):
    return session.post(url, data=array(events), headers=JSON, expect100=True)


async def main():
    batches = Batches("aiohttp", [as_json, as_large_bytes, as_deflate, as_gzip, as_stream, as_expected])
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT)) as session:
        for prefix, url, way, events in batches:
            patience = Patience(prefix)
            while True:
                try:
                    async with way(session, url, events) as answer:
                        batches.judge(prefix, len(events), answer.status, await answer.text())
                    break
                except (aiohttp.ClientError, asyncio.TimeoutError, NotTaken) as error:
                    await asyncio.sleep(patience.pause(error))


asyncio.run(main())
