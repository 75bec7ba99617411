"""Sends a file of events with Python's own library: send.py URL FILE

Exit code: 0 all events are stored, 1 some are invalid, 2 it is not known that any is stored.
"""

import gzip
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request

TRIES = 10
TIMEOUT = 30  # seconds, of connecting and of each read
COME_AGAIN = {429, 502, 503, 504}


def post(url, body, headers):
    """The answer's status, headers and body; raises OSError or HTTPException without one."""
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def send(url, events):
    """Repeats the whole batch until it is answered: an event that comes twice is stored once."""
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    if "API_KEY" in os.environ:
        headers["X-API-Key"] = os.environ["API_KEY"]
    body = gzip.compress(events)
    for attempt in range(TRIES):
        wait = min(2**attempt, 30)
        try:
            status, answer_headers, answer = post(url, body, headers)
            if status not in COME_AGAIN:
                return status, answer
            after = answer_headers.get("Retry-After", "")
            wait = int(after) if after.isdecimal() else wait
            why = f"status {status}"
        except (OSError, http.client.HTTPException) as error:
            why = str(error)
        print(f"{why}; again in {wait} s", file=sys.stderr)
        time.sleep(wait)
    return None, b"no answer"


def main():
    url, file = sys.argv[1:]
    with open(file, "rb") as events:
        status, answer = send(url, events.read())
    print(answer.decode())
    if status not in {200, 201, 202, 422}:
        return 2
    return 0 if json.loads(answer)["failed"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
