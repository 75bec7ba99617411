"""The whole suite by README's ./scripts/up, with programs that are built already, on free ports."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

from pages import PROJECT

PATIENCE = 600  # seconds: the machine may be very busy
UP = "./scripts/up"
# The ports that the documents name.
PORTS = {"PUBLISHER_PORT": 3005, "GATEWAY_PORT": 3001, "REPORTER_PORT": 3004, "FB_COLLECTOR_PORT": 3002,
         "TTK_COLLECTOR_PORT": 3003, "NATS_PORT": 4222, "NATS_MONITOR_PORT": 8222, "POSTGRES_PORT": 5432,
         "PROMETHEUS_PORT": 9090, "GRAFANA_PORT": 3000}


def in_own_network():
    """Whether this process is alone on its loopback addresses, so that every port is free. The first call starts
    the program anew in a network of its own, where the kernel allows that."""
    if "EVENTS_OWN_NETWORK" in os.environ:
        return os.environ["EVENTS_OWN_NETWORK"] == "yes"
    again = [sys.executable, "-B", *sys.argv]
    # Who is not root becomes it in there to bring the loopback interface up, and then himself again.
    network = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    himself = [] if os.geteuid() == 0 else [
        "unshare", "--user", f"--map-user={os.getuid()}", f"--map-group={os.getgid()}"]
    command = [*network, "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *himself]
    allowed = subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    os.environ["EVENTS_OWN_NETWORK"] = "yes" if allowed else "no"
    whole = [*command, *again] if allowed else again
    os.execvp(whole[0], whole)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Place:
    """The project as after a build of `programs`, seen through links, so that its data is elsewhere; and
    the environment to run it in. cmake and ninja have nothing to do there."""

    def __init__(self, folder, programs):
        self.project = folder / "events-handler"
        (self.project / "build/release").mkdir(parents=True)
        (self.project / "build/release/bin").symlink_to(programs)
        for entry in PROJECT.iterdir():
            if entry.name not in ("build", ".state", ".git", ".env", ".env.publisher"):
                (self.project / entry.name).symlink_to(entry)
        for name in ("cmake", "ninja"):
            stub = folder / "built" / name
            stub.parent.mkdir(exist_ok=True)
            stub.write_text("#!/bin/sh\n")
            stub.chmod(0o755)
        self.ports = PORTS if in_own_network() else dict(zip(PORTS, free_ports(len(PORTS))))
        (folder / ".curlrc").write_text("".join(
            f'connect-to = "{host}:{PORTS[name]}:127.0.0.1:{port}"\n'
            for name, port in self.ports.items() for host in ("localhost", "127.0.0.1")))
        kept = ("HOME", "LANG", "LSAN_OPTIONS", "TSAN_OPTIONS")
        self.environment = {
            **{name: os.environ[name] for name in kept if name in os.environ},
            **{name: str(port) for name, port in self.ports.items()},
            "PATH": f"{folder / 'built'}:{programs}:{os.environ['PATH']}", "CURL_HOME": str(folder), "NO_PROXY": "*"}
        self.log = folder / "up.log"


@contextlib.contextmanager
def temporary_place(programs):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("asked to end"))  # so that everything is stopped
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)  # PostgreSQL is another user where this one is root
        yield Place(folder, pathlib.Path(programs).resolve())


class Suite:
    """Runs in a process group of its own, as in a terminal. Throws AssertionError when it does not start."""

    def __init__(self, place, *arguments):
        self.place = place
        with place.log.open("w") as output:
            self.process = subprocess.Popen(
                [UP, *arguments], cwd=place.project, env=place.environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True)
        deadline = time.monotonic() + PATIENCE
        while "data and logs" not in place.log.read_text():  # of its table
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"{UP} did not start:\n{place.log.read_text()}")
            time.sleep(0.2)

    def stop(self):
        """Ctrl-C: the exit status."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(PATIENCE)

    def address(self, daemon):
        return f"http://127.0.0.1:{self.place.ports[daemon.upper() + '_PORT']}"
