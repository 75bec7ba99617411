"""Python's requests, with a session that keeps its connections."""

import functools
import gzip
import json
import time
import zlib

import requests
import urllib3
from sender import TIMEOUT, Batches, NotTaken, Patience, array, large, lines

JSON = {"Content-Type": "application/json"}


def as_json(session, url, events):
    return session.post(url, json=[json.loads(event) for event in events])


def as_bytes(session, url, events):
    return session.post(url, data=array(events), headers={"Content-Type": "application/json; charset=utf8"})


@large
def as_large_bytes(session, url, events):
    return session.post(url, data=array(events), headers=JSON)


def as_generator(session, url, events):
    pieces = (line + b"\n" for line in lines(events).splitlines())
    return session.post(url, data=pieces, headers={"Content-Type": "application/x-jsonlines"})


def as_gzip(session, url, events):
    return session.post(url, data=gzip.compress(array(events)), headers={**JSON, "Content-Encoding": "gzip"})


def as_deflate(session, url, events):
    return session.post(url, data=zlib.compress(array(events)), headers={**JSON, "Content-Encoding": "deflate"})


def main():
    batches = Batches("requests", [as_json, as_bytes, as_large_bytes, as_generator, as_gzip, as_deflate])
    with requests.Session() as session:
        session.request = functools.partial(session.request, timeout=TIMEOUT)
        for prefix, url, way, events in batches:
            patience = Patience(prefix)
            while True:
                try:
                    answer = way(session, url, events)
                    batches.judge(prefix, len(events), answer.status_code, answer.text)
                    break
                except (requests.RequestException, urllib3.exceptions.HTTPError, NotTaken) as error:
                    time.sleep(patience.pause(error))


main()
