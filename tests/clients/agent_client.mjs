// Node's http with an agent that keeps few connections, as axios and Express' clients have it.

import { Agent, request } from "node:http";
import { array, large, lines, run, TIMEOUT } from "./sender.mjs";

const agent = new Agent({ keepAlive: true, maxSockets: 2 });

/** `write(out)` sends the body. */
function post(url, headers, write, kept = agent) {
    return new Promise((resolve, reject) => {
        const signal = AbortSignal.timeout(TIMEOUT); // also while it waits for a connection
        const options = { method: "POST", agent: kept, headers, signal };
        const out = request(url, options, (answer) => {
            answer.setEncoding("utf8");
            let text = "";
            answer.on("data", (piece) => (text += piece));
            answer.on("end", () => {
                resolve({ status: answer.statusCode, text });
                if (!out.writableEnded) out.destroy(); // it was never told to continue
            });
            answer.on("error", reject);
        });
        out.on("error", reject);
        write(out);
    });
}

const json = { "Content-Type": "application/json" };

function withLength(url, events) {
    const body = array(events);
    return post(url, { ...json, "Content-Length": Buffer.byteLength(body) }, (out) => out.end(body));
}

await run("agent", [
    withLength,
    large((...of) => withLength(...of)),
    (url, events) =>
        post(url, { "Content-Type": "application/x-ndjson" }, (out) => {
            for (const event of events) out.write(lines([event]));
            out.end();
        }),
    // On a connection of its own: the agent loses count of one that is refused before its body.
    (url, events) =>
        post(
            url,
            { ...json, Expect: "100-continue" },
            (out) => {
                out.on("continue", () => out.end(array(events)));
                out.flushHeaders();
            },
            false,
        ),
    (url, events) => withLength(url.replace(/\/events$/, "/events/"), events),
]);
agent.destroy();
