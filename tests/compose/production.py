"""The production overlay: secrets, replicas behind HAProxy, and what killing containers costs."""

import json
import os
import pathlib
import shutil
import tempfile

import collectors
import promises
from events import Sender, body, ids
from suite import PROJECT, PATIENCE, Suite, ask, await_, require, run, say

FILES = ["docker-compose.yml", "deploy/compose/production.yml"]
COLLECTOR = collectors.NAMES[0]
SCALE = ["--scale", "gateway=2", "--scale", f"{COLLECTOR}=3"]
JSON = {"Content-Type": "application/json"}


def suite(name, options):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="events-secrets-"))
    run(PROJECT / "deploy/compose/make-secrets", folder)
    result = Suite(name, FILES, set(options.without), {"SECRETS_DIR": str(folder)})
    result.secrets = folder
    remove = result.remove

    def remove_all():
        remove()
        shutil.rmtree(folder)

    result.remove = remove_all
    return result


def secret(suite_, name):
    return (suite_.secrets / name).read_text().strip()


def key(suite_):
    return {"Authorization": "Bearer " + secret(suite_, "api_keys")}


def check_doors(suite_):
    """Nobody gets in without a password, a key or a token, and none is to be seen."""
    events, reports = suite_.address("haproxy", 3001), suite_.address("haproxy", 3004)
    require(ask(events, "POST", "/events", "[]", JSON)[0] == 401, "events without a key are taken")
    require(ask(events, "POST", "/events", "[]", {**JSON, **key(suite_)})[0] == 201, "no key fits")
    token = {"Authorization": "Bearer " + secret(suite_, "report_tokens")}
    require(ask(reports, "GET", "/reports/events")[0] == 401, "a report without a token")
    require(ask(reports, "GET", "/reports/events", None, token)[0] == 200, "no token fits")
    for path in ("/metrics", "/readiness", "/liveness"):
        for address in (events, reports):
            require(ask(address, "GET", path)[0] == 404, path, "is published")

    dlq = ["exec", "-T", "gateway", "/usr/bin/events-dlq", "count"]
    suite_.compose(*dlq)
    anonymous = ["exec", "-T", "-e", "NATS_URL_FILE=", "-e", "NATS_URL=nats://nats:4222", *dlq[2:]]
    require(suite_.compose(*anonymous, check=False).returncode != 0, "NATS asks for no password")
    suite_.compose("exec", "-T", "reporter", "/usr/bin/events-verify", "--all")
    nobody = ["exec", "-T", COLLECTOR]
    suite_.compose(*nobody, "/usr/bin/events-erase", "--check", "a person who never was")
    suite_.compose(*nobody, "/usr/bin/events-export-user", "a person who never was")

    psql = ["postgres", "psql", "-XAtw", "-h", "postgres", "-d", "events", "-c", "SELECT 42", "-U"]
    for role, file in (("events", "postgres_password"), ("events_reader", "events_reader_password")):
        good = "PGPASSWORD=" + secret(suite_, file)
        answer = suite_.compose("exec", "-T", "-e", good, *psql, role).stdout.strip()
        require(answer == "42", "no password fits", role)
        for wrong in ("PGPASSWORD=", "PGPASSWORD=" + role):
            require(suite_.compose("exec", "-T", "-e", wrong, *psql, role, check=False).returncode != 0,
                    "PostgreSQL takes", wrong, "of", role)

    told = json.dumps(suite_.containers()) + suite_.compose("logs", "--no-color").stdout
    for file in suite_.secrets.iterdir():
        require(file.read_text().strip() not in told, file.name, "is in docker inspect or in a log")
    say("doors: closed without a secret, open with it; no secret is shown")


def check_large_body(suite_):
    """20 MB pass through HAProxy."""
    text = body("large", 0, 56_000)
    status, answer = ask(suite_.address("haproxy", 3001), "POST", "/events", text,
                         {**JSON, **key(suite_)}, PATIENCE)
    require(status == 201 and json.loads(answer)["saved"] == 56_000, "a large body:", status, answer)
    await_stored(suite_, "large", ids("large", 0, 56_000))
    say(f"a body of {len(text) / 1e6:.1f} MB passed")


def stored(suite_, prefix):
    return suite_.sql(" UNION ALL ".join(
        f"SELECT event_id FROM {source}_events WHERE event_id LIKE '{prefix}-%'"
        for source in collectors.SOURCES)).split()


def await_stored(suite_, prefix, acknowledged):
    """Each acknowledged id is in one row. Others may be there: an answer can be lost."""
    await_(f"{len(acknowledged)} events {prefix}",
           lambda: acknowledged <= set(stored(suite_, prefix)))
    found = stored(suite_, prefix)
    require(len(found) == len(set(found)), len(found) - len(set(found)), "rows too many")


def kill(container):
    """As SIGKILL from outside; Docker does not start it again, whatever its policy is."""
    run("docker", "kill", container["Id"])
    say("killed", container["Name"].lstrip("/"))


def check_kills(suite_):
    """A gateway and a collector die under load: what was acknowledged is stored, once."""
    senders = [Sender(suite_.address("haproxy", 3001), f"killed-{n}", key(suite_)) for n in range(3)]
    try:
        def all_have(count):
            return lambda: all(len(sender.acknowledged) >= count for sender in senders)
        await_("acknowledgements", all_have(500))
        kill(suite_.containers(COLLECTOR)[0])
        await_("acknowledgements after a collector's end", all_have(1_500))
        kill(suite_.containers("gateway")[0])
        await_("acknowledgements after a gateway's end", all_have(3_000))
    finally:
        for sender in senders:
            sender.stop()
    for number, sender in enumerate(senders):
        await_stored(suite_, f"killed-{number}", sender.acknowledged)
    count = sum(len(sender.acknowledged) for sender in senders)
    say(f"kills: {count} events acknowledged, each in one row; "
        f"{sum(len(sender.refused) for sender in senders)} requests were repeated")
    suite_.up(*SCALE)


def check_spool(suite_):
    """What a killed gateway had spooled is published by the other."""
    suite_.compose("stop", "nats")
    for first in range(0, 1_000, 100):
        status, text = ask(suite_.address("haproxy", 3001), "POST", "/events",
                           body("spooled", first, 100), {**JSON, **key(suite_)})
        require(status == 202, "without NATS:", status, text)
    files = suite_.compose("exec", "-T", "gateway", "find", "/var/lib/events-handler/spool", "-name",
                           "*.spool").stdout.split()
    require(len(files) == 10, len(files), "files are in the spool")
    require(len({os.path.dirname(file) for file in files}) == 2, "one gateway spooled everything")
    kill(suite_.containers("gateway")[0])
    suite_.compose("start", "nats")
    await_stored(suite_, "spooled", ids("spooled", 0, 1_000))
    require(len(suite_.containers("gateway")) == 1, "the killed gateway runs again")
    say("spool: 1000 events spooled by two gateways, one of which is gone; each is in one row")
    suite_.up(*SCALE)


def check_stop(suite_):
    """A gateway that is stopped in order costs nobody a request, not even who never repeats."""
    senders = [Sender(suite_.address("haproxy", 3001), f"stopped-{n}", key(suite_), repeat=False)
               for n in range(3)]
    try:
        await_("acknowledgements", lambda: all(s.acknowledged for s in senders))
        run("docker", "stop", "-t", "30", suite_.containers("gateway")[1]["Id"])
        before = [len(sender.acknowledged) for sender in senders]
        await_("acknowledgements by the other one", lambda: all(
            len(s.acknowledged) > b + 200 for s, b in zip(senders, before)))
    finally:
        for sender in senders:
            sender.stop()
    refused = [answer for sender in senders for answer in sender.refused]
    require(not refused, len(refused), "requests were refused, the first with", refused[:1])
    for number, sender in enumerate(senders):
        await_stored(suite_, f"stopped-{number}", sender.acknowledged)
    say(f"stop: {sum(len(s.acknowledged) for s in senders)} events, no request refused")
    suite_.up(*SCALE)


def check_publisher(suite_):
    """The profile load posts with its key, through HAProxy."""
    before = suite_.rows()
    suite_.compose("--profile", "load", "up", "--detach", "--no-build", "--wait", "--no-deps",
                   "publisher")
    await_("the publisher's events", lambda: suite_.rows() > before + 2_000)
    suite_.compose("--profile", "load", "stop", "publisher")


def check_limits(containers):
    for container in containers:
        host = container["HostConfig"]
        require(host["Memory"] and host["NanoCpus"] and host["PidsLimit"], container["Name"],
                "has no limits")


def check(suite_, options):
    if not options.no_build and options.only == "production":
        suite_.compose("build", *promises.OURS)
    suite_.up(*SCALE)
    containers = suite_.containers()
    require(len(suite_.containers("gateway")) == 2, "there are not two gateways")
    require(len(suite_.containers(COLLECTOR)) == 3, "there are not three of", COLLECTOR)
    promises.check_containers(containers)
    promises.check_ports(containers, {"haproxy": {"3001/tcp", "3004/tcp"}, "grafana": {"3000/tcp"}})
    check_limits(containers)
    check_doors(suite_)
    check_large_body(suite_)
    check_kills(suite_)
    check_spool(suite_)
    check_stop(suite_)
    check_publisher(suite_)
