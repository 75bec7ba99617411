"""Runs each command of README.md, and of the pages that docs/README.md lists below Start and Use, as it
stands, and compares what it prints with what the page says it does.

    python3 tests/docs/commands.py build/dev/bin

A command is a line of a code block, or code in a sentence that begins with a program's name (pages.INLINE).
./scripts/up, which README starts with, finds these programs built. All of it is in a network of its own, so
that the ports are those that the pages name; where the kernel gives none, ports are free ones, curl is told
of them, and other clients are not run. That, and what can't be run at all (EXCEPTIONS, each with its reason
and what is looked at instead) is told: the output has every command.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from pages import INDEX, PROJECT, commands_of, pages_of_sections
from suite import PATIENCE, UP, Suite, in_own_network, temporary_place


def checked_by_docker(command):
    """What Docker's own command line says of the file, where it is here; it needs no engine for that."""
    known = shutil.which("docker") and subprocess.run(["docker", "compose", "version"], check=False,
                                                      capture_output=True).returncode == 0
    if not known:
        return "docker compose is not here: only compose_files (tests/compose/check_files.py) looks at the file"
    subprocess.run(["docker", "compose", "config", "--quiet"], cwd=PROJECT, check=True)
    return f"docker compose config took the file of '{command}'"


# Each command that is not run here: why, and a function that looks at what can be looked at.
EXCEPTIONS = {
    "docker compose up": (
        "it builds images for minutes and needs an engine; ./scripts/test --compose runs it on one",
        checked_by_docker),
    "./scripts/test": ("it runs this test", lambda _: "this runs"),
}
KNOWS_PORTS = ("curl ", "./scripts/")  # where they are not those of the pages


class Shell:
    """A bash that keeps its variables from one command of a page to the next."""

    MARK = "--- the command has ended:"

    def __init__(self, place):
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], cwd=place.project, env=place.environment, encoding="utf-8",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)

    def run(self, command):
        """What it prints, and its exit status."""
        hangs = threading.Timer(PATIENCE, os.killpg, (self.process.pid, signal.SIGKILL))
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


def line_shape(text):
    """The same without what differs from run to run: ids, times, figures."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
    return re.sub(r"\d+(\.\d+)?", "N", text)


def json_shape(value):
    if isinstance(value, dict):
        return frozenset((key, json_shape(member)) for key, member in value.items())
    if isinstance(value, list):  # in any order, of any length
        return frozenset(json_shape(element) for element in value)
    if isinstance(value, str):
        return line_shape(value)
    return "a number" if type(value) in (int, float) else value


def shape(text):
    try:
        return json_shape(json.loads(text))
    except ValueError:
        return {line_shape(line) for line in text.splitlines()}


def matches(command, printed):
    if command.expected is None:
        return True
    return (shape(printed) == shape(command.expected) if command.figures_vary
            else printed == command.expected)


def run(shell, command):
    """A question is repeated until it is answered as the page says: events are stored a moment later."""
    deadline = time.monotonic() + PATIENCE / 5
    while True:
        printed, status = shell.run(command.text)
        if status == 0 and matches(command, printed):
            return
        if not command.only_asks or time.monotonic() > deadline:
            raise AssertionError(f"{command.place}: {command.text}\nexit status {status}, it printed:\n"
                                 f"{printed}\nthe page says:\n{command.expected}")
        time.sleep(0.5)


class Reader:
    """Who follows the pages from the first to the last."""

    def __init__(self, place):
        self.place, self.suite, self.shells = place, None, {}
        self.unused = set(EXCEPTIONS)

    def follow(self, command):
        if command.text in EXCEPTIONS:
            reason, look = EXCEPTIONS[command.text]
            self.unused.discard(command.text)
            print(f"NOT RUN  {command.place}: {command.text}\n         {reason}; {look(command.text)}")
            return
        if command.is_form:
            print(f"NOT RUN  {command.place}: {command.text}\n         a form: the reader fills it in")
            return
        if not in_own_network() and not command.text.startswith(KNOWS_PORTS):
            print(f"NOT RUN  {command.place}: {command.text}\n         this kernel gives no network of its own")
            return
        if command.text == UP:  # stays in the foreground: Ctrl-C is sent behind the last page
            assert self.suite is None, f"{command.place}: {UP} runs already"
            self.suite = Suite(self.place)
        else:
            assert self.suite is not None, f"{command.place}: {UP} comes first, in README.md"
            if command.page not in self.shells:
                self.shells[command.page] = Shell(self.place)
            run(self.shells[command.page], command)
        print(f"ran      {command.place}: {command.text.splitlines()[0]}")

    def leave(self):
        for shell in self.shells.values():
            shell.close()
        return self.suite.stop() if self.suite else 0


def follow_all(commands, place):
    reader = Reader(place)
    try:
        for command in commands:
            reader.follow(command)
    finally:
        status = reader.leave()
    assert status == 0, f"{UP} ended with {status}:\n{place.log.read_text()[-2000:]}"
    assert not reader.unused, f"no page has these exceptions: {reader.unused}"


def main():
    in_own_network()
    pages = [PROJECT / "README.md", *pages_of_sections(INDEX, ("Start", "Use"))]
    commands = [command for page in dict.fromkeys(pages) for command in commands_of(page)]
    with temporary_place(sys.argv[1]) as place:
        try:
            follow_all(commands, place)
        except AssertionError as failure:
            raise SystemExit(str(failure)) from None


if __name__ == "__main__":
    main()
