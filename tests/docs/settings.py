"""docs/settings.md has what each program says with --help, between two comments: every variable once, and
how each program is called. Prints how it differs, and exits with 1 when it does; with
EVENTS_WRITE_GOLDEN=1 in the environment it writes the page anew.

    python3 tests/docs/settings.py build/dev/bin
"""

import difflib
import os
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/settings.md"
BEGIN = "<!-- What follows is generated from --help: EVENTS_WRITE_GOLDEN=1 tests/docs/settings.py -->\n"
END = "<!-- The end of what is generated. -->\n"
VARIABLES = "Configuration comes from environment variables only (default in brackets):\n"
VARIABLE = re.compile(r"^  ([A-Z][A-Z0-9_]*) \[(.*)\]\n      (.*)$", re.MULTILINE)


def programs():
    """In the order in which an event meets them; then the tools."""
    collectors = [name for file in sorted(PAGE.parents[1].glob("services/*/CMakeLists.txt"))
                  for name in re.findall(r"^events_collector\((\S+) ", file.read_text("utf-8"), re.MULTILINE)]
    return ["publisher", "gateway", *collectors, "reporter",
            "events-dlq", "events-erase", "events-export-user", "events-verify"]


def helps(folder):
    """Of each program: how it is called, and its variables as (name, default, meaning)."""
    found = {}
    for program in programs():
        text = subprocess.run([folder / program, "--help"], check=True, capture_output=True,
                              encoding="utf-8", env={}, timeout=60).stdout
        usage, separator, variables = text.partition(VARIABLES)
        if not separator or not VARIABLE.search(variables):
            raise SystemExit(f"{program} --help lists no variables")
        found[program] = usage.strip(), VARIABLE.findall(variables)
    return found


def cell(text):
    return re.sub(r"([|<>])", r"\\\1", text)


def defaults_of(name, by_program):
    """The default, or each program's where they differ."""
    values = {}
    for program, variables in by_program.items():
        for variable, default, _ in variables:
            if variable == name:
                values.setdefault(default, []).append(program)
    if len(values) == 1:
        return f"`{default}`" if (default := next(iter(values))) else "none"
    return "; ".join(f"`{default}` {', '.join(which)}" for default, which in values.items())


def meanings_of(name, by_program):
    told = [meaning for variables in by_program.values() for variable, _, meaning in variables
            if variable == name]
    return "; ".join(cell(meaning) for meaning in dict.fromkeys(told))


def tables(found):
    """A table for each set of programs that share variables; the largest set is first."""
    by_program = {program: variables for program, (_, variables) in found.items()}
    readers = {}
    for program, variables in by_program.items():
        for name, _, _ in variables:
            readers.setdefault(name, []).append(program)
    groups = {}
    for name, which in readers.items():
        groups.setdefault(tuple(which), []).append(name)
    for which, names in sorted(groups.items(), key=lambda group: -len(group[0])):
        yield f"### {', '.join(which)}\n\n| variable | default | |\n|---|---|---|\n" + "".join(
            f"| `{name}` | {defaults_of(name, by_program)} | {meanings_of(name, by_program)} |\n"
            for name in names)


def generated(folder):
    found = helps(folder)
    usages = (f"### {program}\n\n```\n{usage}\n```\n" for program, (usage, _) in found.items())
    return "\n".join([BEGIN, "## Every variable\n",
                      "Each stands once, below the programs that read it.\n", *tables(found),
                      "## How each program is called\n", *usages, END])


def main():
    page = PAGE.read_text("utf-8")
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise SystemExit(f"{PAGE}: the two comments around what is generated must be there once")
    before, rest = page.split(BEGIN)
    wanted = before + generated(pathlib.Path(sys.argv[1])) + rest.split(END)[1]
    if os.environ.get("EVENTS_WRITE_GOLDEN"):
        PAGE.write_text(wanted, "utf-8")
    elif page != wanted:
        print(*difflib.unified_diff(page.splitlines(), wanted.splitlines(), "docs/settings.md", "--help",
                                    n=1, lineterm=""), sep="\n")
        raise SystemExit("docs/settings.md is stale: run this again with EVENTS_WRITE_GOLDEN=1")


if __name__ == "__main__":
    main()
