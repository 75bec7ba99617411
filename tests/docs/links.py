"""Every link of a document leads somewhere: to a file, and to a heading in it. docs/README.md lists every
document. Prints what breaks this, and exits with 1 when something does."""

import re
import sys

from pages import INDEX, PROJECT, links_of

FOLDERS = ("adr", "runbooks")  # have an index of their own, or are one


def documents():
    names = [*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")]
    return sorted(names)


def anchors(page):
    """As GitHub makes them of headings."""
    found, text = set(), re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.M | re.S)
    for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        found.add(re.sub(r"[^\w\- ]", "", heading).replace(" ", "-"))
    return found


def problems_of(page):
    for link in links_of(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            yield f"{page.relative_to(PROJECT)}: {link} is not there"
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            yield f"{page.relative_to(PROJECT)}: {link} has no such heading"


def main():
    problems = [problem for page in documents() for problem in problems_of(page)]
    listed = {(INDEX.parent / link.partition("#")[0]).resolve() for link in links_of(INDEX)}
    for page in PROJECT.glob("docs/**/*.md"):
        if page != INDEX and page not in listed and page.relative_to(INDEX.parent).parts[0] not in FOLDERS:
            problems.append(f"docs/README.md does not list {page.relative_to(PROJECT)}")
    print(*problems, sep="\n")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
