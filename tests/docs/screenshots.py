"""The pictures of the documents, docs/images/page-*.png, of a real run: scripts/screenshots.

    python3 tests/docs/screenshots.py build/release/bin

Starts the suite, posts made-up events, waits until reports have them all, and lets Chromium draw the page.
"""

import datetime
import itertools
import json
import subprocess
import sys
import time
import urllib.request

from made_up_week import events
from pages import PROJECT
from suite import PATIENCE, Suite, temporary_place

BATCH = 5_000


def ask(url, body=None):
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        return json.load(answer)


def post_all(gateway):
    """How many there are."""
    posted = 0
    made = events(datetime.datetime.now(datetime.timezone.utc))
    while batch := list(itertools.islice(made, BATCH)):
        answer = ask(f"{gateway}/events", json.dumps(batch).encode())
        assert answer == {"saved": len(batch), "failed": 0}, answer
        posted += len(batch)
    return posted


def await_report(reporter, count):
    deadline = time.monotonic() + PATIENCE
    while (found := ask(f"{reporter}/reports/events")["count"]) != count:
        assert time.monotonic() < deadline, f"the report has {found} of {count} events"
        time.sleep(0.2)


def main():
    with temporary_place(sys.argv[1]) as place:
        suite = Suite(place, "--no-load")
        try:
            await_report(suite.address("reporter"), post_all(suite.address("gateway")))
            subprocess.run(["node", PROJECT / "tests/browser/screenshots.mjs", suite.address("reporter"),
                            PROJECT / "docs/images"], check=True, timeout=PATIENCE)
        finally:
            suite.stop()


if __name__ == "__main__":
    main()
