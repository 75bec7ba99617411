"""What the clients share: batches of events, one after the other, each repeated until it is taken.

    CLIENT TEMPLATE ACKNOWLEDGED STOP URL...

TEMPLATE holds an event whose id is ID-OF-THE-EVENT. Batch n goes to the URLs in turn, in each of the
client's ways to send; once it is answered with 2xx its line "<ids' beginning> <events>" is added to
ACKNOWLEDGED. Once the file STOP is there the client ends, with 0 unless an answer was one that no
restart explains.
"""

import itertools
import json
import os
import sys
import time

SMALL = 5
LARGE = 3_000  # more than nginx's own limit, 1 MB

AGAIN = {408, 500, 502, 503, 504}
PATIENCE = 240
TIMEOUT = 60  # of one try, in seconds


class NotTaken(Exception):
    """The gateway, or a proxy before it, is away: the batch is sent again."""


class Batches:
    def __init__(self, name, ways):
        template, self.acknowledged, self.stop, *self.urls = sys.argv[1:]
        with open(template, encoding="utf-8") as file:
            self.template = file.read().strip()
        self.name = name
        self.ways = ways

    def __iter__(self):
        """Gives (beginning of the ids, url, way to send, lines of events)."""
        rounds = itertools.count()
        for number, way, url in (
            (number, way, url) for number in rounds for way in self.ways for url in self.urls
        ):
            if os.path.exists(self.stop):
                return
            prefix = f"fb-{self.name}-{number}-{self.ways.index(way)}-{self.urls.index(url)}"
            count = LARGE if getattr(way, "large", False) else SMALL
            events = [self.template.replace("ID-OF-THE-EVENT", f"{prefix}-{i}") for i in range(count)]
            yield prefix, url, way, events

    def judge(self, prefix, count, status, text):
        if status in AGAIN:
            raise NotTaken(f"{status} {text}")
        if status not in (201, 202):
            sys.exit(f"{prefix}: {status} {text}")
        answer = json.loads(text)
        if answer["saved"] != count or answer["failed"] != 0:
            sys.exit(f"{prefix}: {text}")
        with open(self.acknowledged, "a", encoding="utf-8") as file:
            file.write(f"{prefix} {count}\n")


class Patience:
    """Between two tries of a batch; ends the program when there are too many."""

    def __init__(self, prefix):
        self.prefix = prefix
        self.until = time.monotonic() + PATIENCE

    def pause(self, error):
        if time.monotonic() > self.until:
            sys.exit(f"{self.prefix}: {error!r}")
        return 0.1


def array(events):
    return ("[" + ",\n".join(events) + "]").encode()


def lines(events):
    return ("\n".join(events) + "\n").encode()


def large(way):
    way.large = True
    return way
