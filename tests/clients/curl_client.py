"""curl, in the ways that people write down."""

import gzip
import subprocess
import tempfile
import time

from sender import TIMEOUT, Batches, NotTaken, Patience, array, large, lines

JSON = ["-H", "Content-Type: application/json"]
NDJSON = ["-H", "Content-Type: application/x-ndjson"]


def as_data(_url, path, events):
    write(path, array(events))
    return JSON + ["--data-binary", f"@{path}"]


@large
def as_large_data(_url, path, events):  # with Expect: 100-continue, by itself
    write(path, array(events))
    return JSON + ["--data-binary", f"@{path}"]


def as_expected(_url, path, events):
    write(path, array(events))
    return JSON + ["-H", "Expect: 100-continue", "--data-binary", f"@{path}"]


def as_upload(_url, path, events):
    write(path, lines(events))
    return NDJSON + ["-X", "POST", "-T", path]


def as_stream(_url, path, events):
    write(path, lines(events))
    return NDJSON + ["-X", "POST", "-T", "-"]


def as_chunks(_url, path, events):
    write(path, array(events))
    return JSON + ["-H", "Transfer-Encoding: chunked", "--data-binary", f"@{path}"]


def as_gzip(_url, path, events):
    write(path, gzip.compress(array(events)))
    return JSON + ["-H", "Content-Encoding: gzip", "--compressed", "--data-binary", f"@{path}"]


def as_http10(_url, path, events):
    write(path, array(events))
    return JSON + ["--http1.0", "--data-binary", f"@{path}"]


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)


def post(url, way, events):
    """The status and the body of the answer."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/body"
        options = way(url, path, events)
        with open(path, "rb") as body:
            done = subprocess.run(
                ["curl", "-sS", "--noproxy", "*", "--max-time", str(TIMEOUT), "-w", "\n%{http_code}", *options, url],
                stdin=body,
                capture_output=True,
                text=True,
                check=False,
            )
    if done.returncode != 0:
        raise NotTaken(done.stderr)
    text, status = done.stdout.rsplit("\n", 1)
    return int(status), text


def main():
    ways = [as_data, as_large_data, as_expected, as_upload, as_stream, as_chunks, as_gzip, as_http10]
    batches = Batches("curl", ways)
    for prefix, url, way, events in batches:
        patience = Patience(prefix)
        while True:
            try:
                batches.judge(prefix, len(events), *post(url, way, events))
                break
            except NotTaken as error:
                time.sleep(patience.pause(error))


main()
