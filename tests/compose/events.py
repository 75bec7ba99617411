"""Valid events whose ids the test knows, and a sender that repeats until they are taken."""

import datetime
import json
import threading

from suite import ask


def event(prefix, number):
    """Sources take turns."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    event_id = f"{prefix}-{number}"
    if number % 2:
        return {"eventId": event_id, "timestamp": now, "source": "facebook", "funnelStage": "top",
                "eventType": "page.like", "data": {
                    "user": {"userId": f"u-{event_id}", "name": "A", "age": 30, "gender": "female",
                             "location": {"country": "DE", "city": "Berlin"}},
                    "engagement": {"actionTime": now, "referrer": "groups", "videoId": None}}}
    return {"eventId": event_id, "timestamp": now, "source": "tiktok", "funnelStage": "top",
            "eventType": "like", "data": {
                "user": {"userId": f"u-{event_id}", "username": "a", "followers": 7},
                "engagement": {"watchTime": 3, "percentageWatched": 40, "device": "iOS",
                               "country": "DE", "videoId": "v"}}}


def body(prefix, first, count):
    return json.dumps([event(prefix, number) for number in range(first, first + count)])


def ids(prefix, first, count):
    return {f"{prefix}-{number}" for number in range(first, first + count)}


class Sender:
    """Posts batches one after the other, on a thread of its own, until it is stopped.

    A batch without a 2xx is repeated (same bytes), as the README asks for; `repeat` off: it is given
    up, and remembered in `refused`.
    """

    BATCH = 50

    def __init__(self, address, prefix, headers, repeat=True):
        self.acknowledged = set()
        self.refused = []
        self._arguments = (address, prefix, headers, repeat)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self):
        self._stop.set()
        self._thread.join()

    def _run(self):
        address, prefix, headers, repeat = self._arguments
        headers = {"Content-Type": "application/json", **headers}
        first = 0
        while not self._stop.is_set():
            batch = body(prefix, first, self.BATCH)
            while True:
                status, text = ask(address, "POST", "/events", batch, headers)
                if status in (201, 202):
                    self.acknowledged |= ids(prefix, first, self.BATCH)
                    break
                self.refused.append((status, text[:200]))
                if not repeat:
                    break
                self._stop.wait(0.2)  # also after stop(): what was begun is brought to its end
            first += self.BATCH
