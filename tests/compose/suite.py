"""The containers of one run: a Compose project of its own, on free loopback ports."""

import http.client
import json
import os
import pathlib
import subprocess
import time

import collectors

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = 180  # seconds: a loaded machine needs some


class Failed(Exception):
    """A promise that was not kept, or a command that did not work."""


def say(*words):
    print(time.strftime("%H:%M:%S"), *words, flush=True)


def require(condition, *what):
    if not condition:
        raise Failed(" ".join(map(str, what)))


def run(*command, check=True, env=None):
    """The command's output; its errors go where ours go, or into the exception."""
    done = subprocess.run([str(word) for word in command], env=env, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if check and done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}: {done.stderr.strip() or done.returncode}")
    return done


def await_(what, condition, patience=PATIENCE):
    """Polls until it holds; returns what it gave."""
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        require(time.monotonic() < deadline, f"{what}: not within {patience} s")
        time.sleep(0.2)


class Suite:
    """docker compose with these files, as a project that nobody else has."""

    def __init__(self, name, files, without, environment=None):
        self.name = name
        self.without = without
        self.environment = dict(os.environ)
        # The caller's shell does not decide; ports are free ones of the loopback address.
        for variable in ("COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME"):
            self.environment.pop(variable, None)
        for service in ("publisher", "gateway", *collectors.NAMES, "reporter", "prometheus"):
            self.environment[service.replace("-", "_").upper() + "_PORT"] = "127.0.0.1:0"
        for service in ("NATS", "NATS_MONITOR", "POSTGRES", "GRAFANA"):
            self.environment[service + "_PORT"] = "0"
        self.environment.update(environment or {})
        self.command = ["docker", "compose", "--project-name", name, "--project-directory", PROJECT,
                        "--env-file", "/dev/null"]
        for file in files:
            self.command += ["-f", PROJECT / file]

    def compose(self, *arguments, check=True):
        return run(*self.command, *arguments, check=check, env=self.environment)

    def services(self):
        names = self.compose("config", "--services").stdout.split()
        return [name for name in names if name not in self.without]

    def up(self, *arguments, services=None):
        """Starts everything and waits until it is healthy."""
        started = time.monotonic()
        self.compose("up", "--detach", "--no-build", "--pull", "missing", "--wait",
                     "--wait-timeout", str(PATIENCE), *arguments, *(services or self.services()))
        say(f"healthy after {time.monotonic() - started:.0f} s")

    def remove(self):
        """All of it, with its data: only what this run made has its name."""
        self.compose("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "20",
                     check=False)

    def containers(self, service=None):
        """What docker inspect tells of each that runs."""
        ids = self.compose("ps", "--quiet", *([service] if service else [])).stdout.split()
        return json.loads(run("docker", "inspect", *ids).stdout) if ids else []

    def logs(self):
        return self.compose("logs", "--no-color", "--tail", "25", check=False).stdout

    def sql(self, statement):
        return self.compose("exec", "-T", "postgres", "psql", "-XAt", "-U", "events", "-d", "events",
                            "-c", statement).stdout.strip()

    def rows(self):
        return sum(int(self.sql(f"SELECT count(*) FROM {source}_events"))
                   for source in collectors.SOURCES)

    def address(self, service, port):
        host, number = self.compose("port", service, str(port)).stdout.strip().rsplit(":", 1)
        return host, int(number)

    def metric(self, service, port, name):
        """The sum of all series with this name."""
        status, text = ask(self.address(service, port), "GET", "/metrics")
        require(status == 200, service, "has no metrics:", status)
        values = [line.rsplit(" ", 1)[1] for line in text.splitlines()
                  if line.startswith(name) and line[len(name)] in "{ "]
        return sum(map(float, values))


def ask(address, method, path, body=None, headers=None, patience=60):
    """Status and text of an answer; status 0 where there is none."""
    connection = http.client.HTTPConnection(*address, timeout=patience)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()
