"""docker-compose.yml alone: it starts in order, load flows, and down and up again loses nothing."""

import json
import subprocess
import tempfile

import collectors
import promises
from events import body, ids
from suite import Suite, ask, await_, require, say

FILES = ["docker-compose.yml"]
LEAST_LOAD = 10_000  # events


def suite(name, options):
    return Suite(name, FILES, set(options.without))


def processed(suite_):
    return suite_.metric("gateway", 3001, "processed_events_total")


class Starts:
    """Watches which containers start and become healthy, in their order."""

    def __init__(self, project):
        self._output = tempfile.TemporaryFile(mode="w+")
        self._process = subprocess.Popen(
            ["docker", "events", "--filter", "type=container", "--filter", "event=start", "--filter",
             "event=health_status", "--filter", f"label=com.docker.compose.project={project}",
             "--format", "{{json .}}"], stdout=self._output)

    def end(self):
        """(what, service) in the order in which it happened."""
        self._process.terminate()
        self._process.wait()
        self._output.seek(0)
        return [(event["Action"], event["Actor"]["Attributes"]["com.docker.compose.service"])
                for event in map(json.loads, self._output)]


def check_order(suite_, events):
    """Nothing starts before what it needs is healthy."""
    services = json.loads(suite_.compose("config", "--format", "json").stdout)["services"]
    checked = 0
    for name in suite_.services():
        for needed in services[name].get("depends_on", {}):
            if needed in suite_.without:
                continue
            healthy = events.index(("health_status: healthy", needed))
            require(healthy < events.index(("start", name)), name, "started before", needed)
            checked += 1
    require(checked >= 6, "only", checked, "dependencies were seen")


def check_load(suite_):
    """What the gateway counts as saved is what the tables hold."""
    await_("load", lambda: processed(suite_) >= LEAST_LOAD)
    suite_.compose("stop", "publisher")
    saved = processed(suite_)
    await_(f"{saved:.0f} rows", lambda: suite_.rows() >= saved)
    require(suite_.rows() == saved == processed(suite_), suite_.rows(), "rows of", saved, "events")
    say(f"load: {saved:.0f} events saved, as many rows")
    status, text = ask(suite_.address("reporter", 3004), "GET", "/reports/events")
    require(status == 200 and json.loads(text)["count"] == saved, "the reporter says", text)
    return saved


def post(suite_, prefix, expected):
    status, text = ask(suite_.address("gateway", 3001), "POST", "/events", body(prefix, 0, 200),
                       {"Content-Type": "application/json"})
    require(status == expected, prefix, "was answered", status, text)


def check_restart(suite_, saved):
    """Rows, messages in the streams and files in the spool are there after down and up."""
    suite_.compose("stop", *collectors.NAMES)
    post(suite_, "in-the-stream", 201)
    suite_.compose("stop", "nats")
    post(suite_, "in-the-spool", 202)
    require(suite_.rows() == saved, "the collectors were stopped, and stored")
    suite_.compose("down")
    require(not suite_.containers(), "containers are left after down")
    # The publisher would add rows of its own.
    suite_.up(services=[name for name in suite_.services() if name != "publisher"])
    await_("what was in the stream and in the spool", lambda: suite_.rows() >= saved + 400)
    require(suite_.rows() == saved + 400, suite_.rows(), "rows instead of", saved + 400)
    found = suite_.sql(" UNION ALL ".join(
        f"SELECT event_id FROM {source}_events WHERE event_id LIKE 'in-the-%'"
        for source in collectors.SOURCES)).split()
    require(len(found) == 400 and set(found) == ids("in-the-stream", 0, 200) |
            ids("in-the-spool", 0, 200), "the events that waited are not those that were sent")
    say("down and up: rows, stream and spool are as they were")


def check_prometheus(suite_):
    """It finds every daemon that runs."""
    if "prometheus" in suite_.without:
        return
    address = suite_.address("prometheus", 9090)

    def up():
        status, text = ask(address, "GET", "/api/v1/query?query=up==1")
        results = json.loads(text)["data"]["result"] if status == 200 else []
        return set(promises.OURS) <= {result["metric"]["job"] for result in results}

    await_("Prometheus' targets", up)


def check(suite_, options):
    if not options.no_build:
        say("building the images, which compiles the release")
        suite_.compose("build", *promises.OURS)
    promises.check_images()
    starts = Starts(suite_.name)
    try:
        suite_.up()
    finally:
        events = starts.end()
    check_order(suite_, events)
    promises.check_containers(suite_.containers())
    check_prometheus(suite_)
    saved = check_load(suite_)
    check_restart(suite_, saved)
