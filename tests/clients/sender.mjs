// What the clients on Node share; the same as sender.py, which says how it works.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const SMALL = 5;
const LARGE = 3_000; // more than nginx's own limit, 1 MB
const AGAIN = [408, 500, 502, 503, 504];
const PATIENCE = 240_000;
export const TIMEOUT = 60_000; // of one try

const [templateFile, acknowledged, stop, ...urls] = process.argv.slice(2);
const template = readFileSync(templateFile, "utf8").trim();

export const array = (events) => `[${events.join(",\n")}]`;
export const lines = (events) => events.map((event) => `${event}\n`).join("");

export function large(way) {
    way.large = true;
    return way;
}

function fail(text) {
    console.error(text);
    process.exit(1);
}

async function send(way, url, prefix, events) {
    const until = Date.now() + PATIENCE;
    while (true) {
        let answer;
        try {
            answer = await way(url, events);
        } catch (error) {
            answer = { status: 503, text: `${error} ${error.cause ?? ""}` };
        }
        const { status, text } = answer;
        if (status === 201 || status === 202) {
            const { saved, failed } = JSON.parse(text);
            if (saved !== events.length || failed !== 0) fail(`${prefix}: ${text}`);
            appendFileSync(acknowledged, `${prefix} ${events.length}\n`);
            return;
        }
        if (!AGAIN.includes(status) || Date.now() > until) fail(`${prefix}: ${status} ${text}`);
        await pause(100);
    }
}

/** `ways`: each (url, events) => { status, text }. */
export async function run(name, ways) {
    for (let round = 0; ; ++round) {
        for (const [w, way] of ways.entries()) {
            for (const [u, url] of urls.entries()) {
                if (existsSync(stop)) return;
                const prefix = `fb-${name}-${round}-${w}-${u}`;
                const events = Array.from({ length: way.large ? LARGE : SMALL }, (_, i) =>
                    template.replace("ID-OF-THE-EVENT", `${prefix}-${i}`),
                );
                await send(way, url, prefix, events);
            }
        }
    }
}
