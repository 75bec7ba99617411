"""A source is named where it is described and where its collector is deployed, and nowhere else: what
has to differ by source is a loop over the descriptions, a label, or a row. Each place that has a row of
each collector has one of all of them. Prints what breaks this, and exits with 1 when something does.
"""

import pathlib
import re
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[2]
# docs/add-a-source.md names them too: a new source adds a row to each.
ROWS = ["docker-compose.yml", "deploy/compose/staging.yml", "deploy/compose/production.yml",
        "deploy/prometheus/prometheus.yml", "deploy/kubernetes/base/collectors.yaml",
        "deploy/kubernetes/backlog-scaling/collectors.yaml", "deploy/nats/rights.conf"]
SEARCHED = ["CMakeLists.txt", "cmake", "Dockerfile", "deploy", "libs", "scripts", "services", "tools"]
# How a platform signs its requests is its protocol, whatever its events look like.
SIGNATURES = re.compile(r"tiktok[_-](client[_-]secrets|signature)|tiktok_secrets", re.IGNORECASE)
COMMENT = re.compile(r"^\s*(//|/\*\*).*|//[/ ].*$")

ROW = re.compile(r"^events_collector\((\S+) (\S+) \d+\)$", re.MULTILINE)
COLLECTORS = {name: source for file in sorted(PROJECT.glob("services/*/CMakeLists.txt"))
              for name, source in ROW.findall(file.read_text(encoding="utf-8"))}
PREFIXES = [rf"\b{name.removesuffix('collector')}" for name in COLLECTORS]  # fb-...
NAMES = re.compile("|".join([*COLLECTORS.values(), *PREFIXES]), re.IGNORECASE)


def is_of_one_source(file):
    """Its description, its row in the list, its table, its collector; what others wrote."""
    folder = file.parent.relative_to(PROJECT)
    return (folder in (pathlib.Path("libs/common/sources"), pathlib.Path("libs/common/migrations"))
            and (file.stem in (*COLLECTORS.values(), "registered") or file.suffix == ".sql")
            or folder.name in COLLECTORS or file.name == ".env.example" or "vendor" in folder.parts
            or folder == pathlib.Path("services/gateway") and file.stem == "signature")


def files(place):
    path = PROJECT / place
    found = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    return [file for file in found if not is_of_one_source(file) and "__pycache__" not in file.parts]


def mentions(file):
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if NAMES.search(SIGNATURES.sub("", COMMENT.sub("", line))):
            yield f"{file.relative_to(PROJECT)}:{number}: names a source: {line.strip()}"


def missing_rows(name):
    text = (PROJECT / name).read_text(encoding="utf-8")
    return [f"{name}: has no row of {collector}" for collector in COLLECTORS
            if not re.search(rf"(?<![\w-]){collector}(?![\w-])", text)]


def main():
    problems = [] if len(COLLECTORS) > 1 else ["services: there are no collectors"]
    for name in ROWS:
        problems += missing_rows(name)
    for place in SEARCHED:
        for file in files(place):
            if str(file.relative_to(PROJECT)) not in ROWS:
                problems += mentions(file)
    print("\n".join(problems) or f"{', '.join(COLLECTORS)}: named in their own places alone")
    return 1 if problems else 0


sys.exit(main())
