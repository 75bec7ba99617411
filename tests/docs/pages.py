"""What the documents hold: their links, and the commands in them."""

import dataclasses
import pathlib
import re

PROJECT = pathlib.Path(__file__).resolve().parents[2]
INDEX = PROJECT / "docs/README.md"

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|<(?:img|source)[^>]*\s(?:src|srcset)=\"([^\"]+)\"")
FENCE = re.compile(r"^(`{3,}|~{3,})(.*)$")
HEREDOC = re.compile(r"<<-?\s*['\"]?(\w+)['\"]?")
# Code in a sentence or a table is a command where it begins with one of these.
INLINE = re.compile(r"(?<!`)`((?:curl|python3|node|go run|examples/\S+|events-[a-z-]+|\./scripts/trace) [^`]+)`")
# What the reader fills in: such a command is a form, and nobody's to run as it stands.
BLANK = re.compile(r"<[A-Za-z][A-Za-z -]*>|\bID\b")
# Blocks that show something, and are nobody's to run.
SHOWN = ("json", "mermaid", "text", "python", "javascript", "js", "go", "sql", "csv", "http", "yaml")


@dataclasses.dataclass
class Command:
    page: str
    line: int
    text: str
    expected: str | None = None  # what it prints; None: nobody says
    figures_vary: bool = False

    @property
    def place(self):
        return f"{self.page}:{self.line}"

    @property
    def is_form(self):
        return BLANK.search(self.text) is not None

    @property
    def only_asks(self):
        return (self.text.startswith(("curl ", "./scripts/trace "))
                and not re.search(r"\s(-d|--data\S*|--json|-X|--request|-T|-F)\b", self.text))


def blocks(page):
    """Each code block: its first line's number, its kind ("" of an indented one), its lines, and whether
    the comment before it says that its figures vary."""
    lines = page.read_text("utf-8").splitlines()
    index, varies, blank, in_list = 0, False, True, False
    while index < len(lines):
        line = lines[index]
        fence = FENCE.match(line.strip())
        if fence:
            end = next(i for i in range(index + 1, len(lines)) if lines[i].strip() == fence[1])
            indent = len(line) - len(line.lstrip())
            kind = fence[2].strip()
            yield index + 2, kind or "?", [text[indent:] for text in lines[index + 1:end]], varies
            index, varies, blank = end, False, False
        elif line.startswith("    ") and blank and not in_list:
            end = index
            while end < len(lines) and (lines[end].startswith("    ") or not lines[end].strip()):
                end += 1
            yield index + 1, "", [text[4:] for text in lines[index:end]], varies
            index, varies, blank = end - 1, False, True
        elif line.strip():
            varies = line.strip() == "<!-- figures vary -->"
            in_list = bool(re.match(r"\s*([-*]|\d+\.)\s", line)) or in_list and line.startswith("  ")
            blank = False
        else:
            blank = True
        index += 1


def whole_commands(lines, first):
    """(line number, text) of each command: a backslash or a here-document goes on in the next line."""
    index = 0
    while index < len(lines):
        start, text = index, [lines[index]]
        if not lines[index].split("#")[0].strip() and not lines[index].startswith("#!"):
            index += 1
            continue
        document = HEREDOC.search(lines[index])
        while document and text[-1] != document[1] or not document and text[-1].endswith("\\"):
            index += 1
            text.append(lines[index])
            document = document or HEREDOC.search(lines[index])
        index += 1
        yield first + start, "\n".join(re.sub(r"\s{2,}#\s.*$", "", line) for line in text)


def prompted_commands(lines, first):
    """Commands behind "$ ", each with what it prints."""
    starts = [i for i, line in enumerate(lines) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(lines)]):
        part = [lines[start][2:], *lines[start + 1:end]]
        line, text = next(whole_commands(part, first + start))
        output = "\n".join(part[len(text.split("\n")):]).strip("\n")
        yield line, text, output


def inline_commands(page):
    """Those in sentences, with the numbers of their lines."""
    lines = page.read_text("utf-8").splitlines()
    shown = {number for first, _, block, _ in blocks(page) for number in range(first, first + len(block))}
    for number, line in enumerate(lines, 1):
        if number not in shown:
            yield from ((number, text.replace("\\|", "|")) for text in INLINE.findall(line))


def commands_of(page):
    """In their order."""
    name = str(page.relative_to(PROJECT))
    found = [*block_commands(page, name),
             *(Command(name, line, text) for line, text in inline_commands(page))]
    return sorted(found, key=lambda command: command.line)


def block_commands(page, name):
    """A block whose kind is not known is an error: nothing escapes by a typing mistake."""
    for first, kind, lines, varies in blocks(page):
        if kind == "console":
            for line, text, output in prompted_commands(lines, first):
                yield Command(name, line, text, output, varies)
        elif kind in ("", "sh", "bash", "shell"):
            for line, text in whole_commands(lines, first):
                yield Command(name, line, text)
        elif kind not in SHOWN:
            raise SystemExit(f"{name}:{first}: a block of the kind '{kind}': say console, sh or "
                             f"one of {', '.join(SHOWN)}")


def links_of(page):
    """Each link's target outside of code."""
    text = re.sub(r"^(`{3,}).*?^\1$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`\n]*`", "`", text)
    return [first or second for first, second in LINK.findall(text)]


def pages_of_sections(page, titles):
    """The documents that the sections of these titles link to."""
    found = []
    for section in re.split(r"^## ", page.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        if section.split("\n")[0].strip() in titles:
            found += [page.parent / target for target in re.findall(r"\]\(([^)#]+\.md)", section)]
    return [path.resolve() for path in found]
