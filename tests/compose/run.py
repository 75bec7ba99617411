#!/usr/bin/env python3
"""Runs the suite's containers and checks what docs/deployment.md promises: ./scripts/test --compose

  --no-build       use the images events-handler/* that are there
  --without NAME   leave a service out whose image can't be had here (grafana); may be repeated
  --only NAME      development or production alone
  --keep           leave the containers of a failed part, to look at them

Needs Docker Engine 20.10 or later, Compose 2.24.4 or later and Python 3.9 or later. Containers,
networks and volumes have names that only this run has, and are removed at the end.
"""

import argparse
import os
import re
import sys
import time
import traceback

import development
import production
from suite import Failed, run, say

PARTS = {"development": development, "production": production}


def check_engine():
    try:
        version = run("docker", "compose", "version", "--short").stdout.strip().lstrip("v")
        run("docker", "version")
    except (Failed, FileNotFoundError) as error:
        sys.exit(f"There is no Docker engine with Compose here, so nothing was tested: {error}")
    numbers = tuple(map(int, re.findall(r"\d+", version)[:3]))
    if numbers < (2, 24, 4):
        sys.exit(f"Compose {version} is too old: 2.24.4 or later")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-build", action="store_true")
    parser.add_argument("--without", action="append", default=[], choices=["grafana", "prometheus"])
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    check_engine()
    for service in options.without:
        say(f"*** NOT TESTED: {service}, as --without asks for")

    failed = []
    for name, part in PARTS.items():
        if options.only not in (None, name):
            say(f"*** NOT TESTED: {name}, as --only asks for")
            continue
        started = time.monotonic()
        suite = part.suite(f"events-test-{name}-{os.getpid()}", options)
        try:
            part.check(suite, options)
            say(f"{name}: passed in {time.monotonic() - started:.0f} s")
        except Exception as error:  # each part is told of, and cleaned up
            failed.append(name)
            if not isinstance(error, Failed):
                traceback.print_exc()
            say(suite.logs())
            say(f"{name}: FAILED: {error}")
        finally:
            if options.keep and name in failed:
                say(f"Kept: docker compose --project-name {suite.name} ps")
            else:
                suite.remove()
    if failed:
        sys.exit("Failed: " + ", ".join(failed))
    say("All passed" + (", without " + ", ".join(options.without) if options.without else ""))


if __name__ == "__main__":
    main()
