"""The collectors and their sources, as services/*/CMakeLists.txt have them."""

import pathlib
import re

PROJECT = pathlib.Path(__file__).resolve().parents[2]
ROW = re.compile(r"^events_collector\((\S+) (\S+) (\d+)\)$", re.MULTILINE)

# Name, source, port.
COLLECTORS = [(name, source, int(port))
              for file in sorted(PROJECT.glob("services/*/CMakeLists.txt"))
              for name, source, port in ROW.findall(file.read_text(encoding="utf-8"))]
NAMES = [name for name, _, _ in COLLECTORS]
SOURCES = [source for _, source, _ in COLLECTORS]
