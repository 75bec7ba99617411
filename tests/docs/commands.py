"""Runs each command of README.md, and of the pages that docs/README.md lists below Start and Use, as it
stands, and compares what it prints with what the page says it does.

    python3 tests/docs/commands.py build/dev/bin

The project is seen through links, beside a folder of these programs: README's ./scripts/up finds them
built, and starts everything on free ports. curl is told where to find the ports that the pages name.
What can't be run so is in EXCEPTIONS, each with its reason and what is looked at instead.
"""

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from pages import INDEX, PROJECT, Command, commands_of, pages_of_sections

PATIENCE = 120  # seconds, for what takes one
PORTS = {"PUBLISHER_PORT": 3005, "GATEWAY_PORT": 3001, "REPORTER_PORT": 3004, "FB_COLLECTOR_PORT": 3002,
         "TTK_COLLECTOR_PORT": 3003, "NATS_PORT": 4222, "NATS_MONITOR_PORT": 8222, "POSTGRES_PORT": 5432,
         "PROMETHEUS_PORT": 9090, "GRAFANA_PORT": 3000}
UP = "./scripts/up"  # stays in the foreground: Ctrl-C is sent behind the last page


def checked_by_docker(command):
    """What Docker's own command line says of the file, where it is here; it needs no engine for that."""
    compose = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False) \
        if shutil.which("docker") else None
    if compose is None or compose.returncode:
        return "docker compose is not here: only compose_files (tests/compose/check_files.py) looks at it"
    subprocess.run(["docker", "compose", "config", "--quiet"], cwd=PROJECT, check=True)
    return f"docker compose config took the file of '{command}'"


# Each command that is not run here: why, and a function that looks at what can be looked at.
EXCEPTIONS = {
    "docker compose up": (
        "it builds images for minutes and needs an engine; ./scripts/test --compose runs it on one",
        checked_by_docker),
    "./scripts/test": ("it runs this test", lambda _: "this runs"),
}


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def linked_project(folder, programs):
    """The project as after a build. cmake and ninja have nothing to do."""
    project = folder / "events-handler"
    (project / "build/release").mkdir(parents=True)
    (project / "build/release/bin").symlink_to(programs)
    for entry in PROJECT.iterdir():
        if entry.name not in ("build", ".state", ".git", ".env", ".env.publisher"):
            (project / entry.name).symlink_to(entry)
    for name in ("cmake", "ninja"):
        stub = folder / "built" / name
        stub.parent.mkdir(exist_ok=True)
        stub.write_text("#!/bin/sh\n")
        stub.chmod(0o755)
    return project


def environment_of(folder):
    ports = dict(zip(PORTS, free_ports(len(PORTS))))
    (folder / ".curlrc").write_text("".join(
        f'connect-to = "{host}:{PORTS[name]}:127.0.0.1:{port}"\n'
        for name, port in ports.items() for host in ("localhost", "127.0.0.1")))
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "LSAN_OPTIONS", "TSAN_OPTIONS")
            if name in os.environ}
    return kept | {name: str(port) for name, port in ports.items()} | {
        "PATH": f"{folder / 'built'}:{os.environ['PATH']}", "CURL_HOME": str(folder), "NO_PROXY": "*"}


class Suite:
    """What ./scripts/up runs, in a process group of its own, as in a terminal."""

    def __init__(self, project, environment, log):
        self.log = log
        with log.open("w") as output:
            self.process = subprocess.Popen([UP], cwd=project, env=environment, stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output, start_new_session=True)
        deadline = time.monotonic() + 5 * PATIENCE
        while "data and logs" not in log.read_text():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"{UP} did not start:\n{log.read_text()}")
            time.sleep(0.2)

    def stop(self):
        """Ctrl-C."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(5 * PATIENCE)


class Shell:
    """A bash that keeps its variables from one command of a page to the next."""

    MARK = "--- the command has ended:"

    def __init__(self, project, environment):
        self.process = subprocess.Popen(["bash", "--noprofile", "--norc"], cwd=project, env=environment,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, encoding="utf-8", start_new_session=True)

    def run(self, command):
        """What it prints, and its exit status."""
        hangs = threading.Timer(5 * PATIENCE, os.killpg, (self.process.pid, signal.SIGKILL))
        hangs.start()
        try:
            return self.answer_to(command)
        finally:
            hangs.cancel()

    def answer_to(self, command):
        self.process.stdin.write(f"{{\n{command}\n}} </dev/null\nprintf '\\n%s %d\\n' '{self.MARK}' $?\n")
        self.process.stdin.flush()
        printed = ""
        for line in self.process.stdout:
            if line.startswith(self.MARK):
                return printed.strip("\n"), int(line.split()[-1])
            printed += line
        raise AssertionError(f"the shell ended in: {command}\n{printed}")

    def close(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE)


def shape(text):
    """The same without what differs from run to run: ids, times, figures."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
    return re.sub(r"\d+(\.\d+)?", "N", text)


def matches(command, printed):
    if command.expected is None:
        return True
    if command.figures_vary:
        return shape(printed) == shape(command.expected)
    pieces = [re.escape(piece) for piece in command.expected.split("...")]
    return re.fullmatch(".*".join(pieces), printed, re.DOTALL) is not None


def run(shell, command):
    """A question is repeated until it is answered as the page says: events are stored a moment later."""
    deadline = time.monotonic() + PATIENCE
    while True:
        printed, status = shell.run(command.text)
        if status == 0 and matches(command, printed):
            return
        if not command.only_asks or time.monotonic() > deadline:
            raise AssertionError(f"{command.place}: {command.text}\nexit status {status}, printed:\n{printed}\n"
                                 f"the page says:\n{command.expected}")
        time.sleep(0.5)


def run_all(commands, project, environment, log):
    suite, shells, unused = None, {}, set(EXCEPTIONS)
    try:
        for command in commands:
            if command.text in EXCEPTIONS:
                reason, look = EXCEPTIONS[command.text]
                unused.discard(command.text)
                print(f"NOT RUN  {command.place}: {command.text}\n         {reason}; {look(command.text)}")
            elif command.text == UP:
                assert suite is None, f"{command.place}: {UP} runs already"
                suite = Suite(project, environment, log)
                print(f"ran      {command.place}: {command.text}")
            else:
                assert suite is not None, f"{command.place}: {UP} comes first, in README.md"
                shell = shells.setdefault(command.page, None) or Shell(project, environment)
                shells[command.page] = shell
                run(shell, command)
                print(f"ran      {command.place}: {command.text.splitlines()[0]}")
        assert not unused, f"no page has these exceptions: {unused}"
    finally:
        for shell in shells.values():
            shell.close()
        status = suite.stop() if suite else None
    assert status == 0, f"{UP} ended with {status}:\n{log.read_text()[-2000:]}"


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    pages = [PROJECT / "README.md", *pages_of_sections(INDEX, ("Start", "Use"))]
    commands = [command for page in dict.fromkeys(pages) for command in commands_of(page)]
    assert any(command.text == UP for command in commands), f"no page has {UP}"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)  # PostgreSQL is another user where this one is root
        try:
            run_all(commands, linked_project(folder, programs), environment_of(folder), folder / "up.log")
        except AssertionError as failure:
            raise SystemExit(str(failure)) from None


if __name__ == "__main__":
    main()
