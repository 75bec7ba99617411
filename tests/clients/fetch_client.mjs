// Node's fetch.

import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { array, large, lines, run, TIMEOUT } from "./sender.mjs";

const JSON_TYPE = "application/json";

async function post(url, type, body, more = {}, options = {}) {
    const headers = { "Content-Type": type, ...more };
    const signal = AbortSignal.timeout(TIMEOUT);
    const answer = await fetch(url, { method: "POST", headers, body, signal, ...options });
    return { status: answer.status, text: await answer.text() };
}

const packed = (pack, coding) => (url, events) =>
    post(url, JSON_TYPE, pack(array(events)), { "Content-Encoding": coding });

await run("fetch", [
    (url, events) => post(url, JSON_TYPE, array(events)),
    (url, events) => post(url, "application/json; charset='utf-8'", array(events)),
    large((url, events) => post(url, "application/cloudevents-batch+json", array(events))),
    (url, events) =>
        post(url, "application/jsonl", new Blob([lines(events)]).stream(), {}, { duplex: "half" }),
    packed(gzipSync, "gzip"),
    packed(deflateSync, "deflate"),
    packed(deflateRawSync, "deflate"),
]);
process.exit(0); // its kept connections would hold it
