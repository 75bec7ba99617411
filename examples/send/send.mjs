// Sends a file of events with Node's own fetch (18 or later): node send.mjs URL FILE
//
// Exit code: 0 all events are stored, 1 some are invalid, 2 it is not known that any is stored.

import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";

const TRIES = 10;
const TIMEOUT = 30_000; // milliseconds, of a whole attempt
const COME_AGAIN = new Set([429, 502, 503, 504]);

/** Repeats the whole batch until it is answered: an event that comes twice is stored once. */
async function send(url, events) {
    const headers = { "Content-Type": "application/json", "Content-Encoding": "gzip" };
    if (process.env.API_KEY) headers["X-API-Key"] = process.env.API_KEY;
    const body = gzipSync(events);
    for (let attempt = 0; attempt < TRIES; ++attempt) {
        let seconds = Math.min(2 ** attempt, 30);
        let why;
        try {
            const signal = AbortSignal.timeout(TIMEOUT);
            const answer = await fetch(url, { method: "POST", headers, body, signal });
            const text = await answer.text();
            if (!COME_AGAIN.has(answer.status)) return { status: answer.status, text };
            const after = answer.headers.get("Retry-After") ?? "";
            if (/^\d+$/.test(after)) seconds = Number(after);
            why = `status ${answer.status}`;
        } catch (error) {
            why = `${error.message} ${error.cause?.message ?? ""}`;
        }
        console.error(`${why}; again in ${seconds} s`);
        await sleep(seconds * 1000);
    }
    return { status: 0, text: "no answer" };
}

const [url, file] = process.argv.slice(2);
const { status, text } = await send(url, await readFile(file));
console.log(text);
if (![200, 201, 202, 422].includes(status)) process.exitCode = 2;
else if (JSON.parse(text).failed > 0) process.exitCode = 1;
