// The gateway against its own description: what is documented works, what is answered is documented.
// node gateway.test.mjs <a gateway> <one with a key, a verify token and 1 MiB of body> <one whose broker
// is away> <the same with 1 MiB of spool> <the key> <the verify token>

import assert from "node:assert/strict";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { Conformance } from "./conformance.mjs";
import { withPage } from "./browser.mjs";

const [origin, locked, away, full] = process.argv.slice(2, 6).map((url) => new URL(url).origin);
const [key, verifyToken] = process.argv.slice(6, 8);
const api = await Conformance.of(origin);
const description = await (await fetch(`${origin}/openapi.json`)).json();

const JSON_TYPE = { "Content-Type": "application/json" };
const post = (body, options = {}) =>
    api.ask("/events", {
        ...options,
        method: "POST",
        body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
        headers: { ...JSON_TYPE, ...options.headers },
    });
const content = description.paths["/events"].post.requestBody.content;
const examples = Object.values(content["application/json"].examples).map(({ value }) => value[0]);
const [event] = examples;
const invalid = { ...event, data: { ...event.data, user: { ...event.data.user, age: 200 } } };

test("the description is valid OpenAPI 3.1, and its examples meet their schemas", async () => {
    await api.expectValid();
    api.expectExamples();
    assert.doesNotMatch(JSON.stringify(description), /\{\{/);
});

test("every example is taken, as JSON and as NDJSON, plain and packed", async () => {
    assert.equal(examples.length, 14);
    const stored = await post(examples);
    assert.equal(stored.status, 201);
    assert.deepEqual(stored.body, { saved: 14, failed: 0 });
    const packed = await post(gzipSync(JSON.stringify(examples)), {
        headers: { "Content-Encoding": "gzip" },
    });
    assert.equal(packed.body.saved, 14);
    const lines = await post(content["application/x-ndjson"].example, {
        headers: { "Content-Type": "application/x-ndjson" },
    });
    assert.deepEqual(lines.body, { saved: 2, failed: 0 });
});

test("what is invalid is told by a code that is documented", async () => {
    const { status, body } = await post([event, invalid, 7]);
    assert.equal(status, 201);
    assert.equal(body.failed, 2);
    assert.deepEqual(
        body.errors.map(({ code, path }) => [code, path]),
        [
            ["out_of_range", "data.user.age"],
            ["not_an_object", ""],
        ],
    );
});

test("every problem of an event is told, and what was left out is counted", async () => {
    const { body } = await post([{ eventId: "e" }]);
    assert.ok(body.errors.length > 3);
    assert.ok(body.errors.every(({ index, eventId }) => index === 0 && eventId === "e"));
    const many = await post(Array(60).fill({ eventId: "e" }));
    assert.equal(many.body.errors.length, 100);
    assert.ok(many.body.errorsOmitted > 0);
});

test("a dry run stores nothing, and strict is 422 where an event is invalid", async () => {
    const dry = await post([event, invalid], { query: "dryRun=true" });
    assert.equal(dry.status, 200);
    assert.equal(dry.body.dryRun, true);
    const strict = await post([event, invalid], { query: "strict=true" });
    assert.equal(strict.status, 422);
    assert.deepEqual([strict.body.saved, strict.body.failed], [1, 1]);
    assert.equal((await post([event], { query: "strict=true" })).status, 201);
    const { status, body } = await post([event], { query: "dryrun=true" });
    assert.equal(status, 400);
    assert.equal(body.errors[0].parameter, "dryrun");
});

test("what can't be used is refused as documented", async () => {
    assert.equal((await post("no JSON")).status, 400);
    assert.equal((await post("x", { headers: { "Content-Encoding": "gzip" } })).status, 400);
    assert.equal((await post("a", { headers: { "Content-Type": "text/csv" } })).status, 415);
    assert.equal((await post("a", { headers: { "Content-Encoding": "br" } })).status, 415);
    assert.equal((await post([event], { origin: locked })).status, 401);
    for (const shown of [{ "X-API-Key": key }, { Authorization: `Bearer ${key}` }]) {
        assert.equal((await post([event], { origin: locked, headers: shown })).status, 201);
    }
    const large = JSON.stringify(Array(5_000).fill(event));
    const packed = { "X-API-Key": key, "Content-Encoding": "gzip" };
    assert.equal((await post(gzipSync(large), { origin: locked, headers: packed })).status, 413);
    assert.equal((await post(large, { origin: full })).status, 503);
});

test("without its broker the gateway keeps events on its disk", async () => {
    const { status, body } = await post([event], { origin: away });
    assert.equal(status, 202);
    assert.equal(body.spooled, 1);
    assert.equal((await api.ask("/readiness", { origin: away })).status, 503);
});

test("Meta's handshake is answered where there is a token for it", async () => {
    const ask = (parameters, options = { origin: locked }) =>
        api.ask("/events", { ...options, query: new URLSearchParams(parameters).toString() });
    const challenge = { "hub.mode": "subscribe", "hub.challenge": "1158201444" };
    const right = await ask({ ...challenge, "hub.verify_token": verifyToken });
    assert.equal(right.body, "1158201444");
    const wrong = await ask({ ...challenge, "hub.verify_token": "another-token-than-that" });
    assert.equal(wrong.status, 403);
    assert.equal((await ask({ "hub.verify_token": verifyToken })).status, 400);
    assert.equal((await ask({}, {})).status, 405);
});

test("the operations and the files are as documented", async () => {
    for (const path of ["/liveness", "/readiness", "/metrics"]) {
        assert.equal((await api.ask(path, {})).status, 200, path);
        assert.equal((await api.ask(path, { method: "DELETE" })).status, 405, path);
    }
    for (const path of ["/openapi.json", "/schemas/event.json"]) {
        const { headers } = await api.ask(path, {});
        const again = { "If-None-Match": headers.get("ETag") };
        assert.equal((await api.ask(path, { headers: again })).status, 304);
        assert.equal((await api.ask(path, { origin: locked })).status, 200, "without a key");
        assert.equal((await api.ask(path, { method: "DELETE" })).status, 405, path);
    }
});

test("the schema of a file is the one of the description", async () => {
    const schema = await (await fetch(`${origin}/schemas/event.json`)).json();
    assert.equal(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
    const text = JSON.stringify(schema.$defs).replaceAll("#/$defs/", "#/components/schemas/");
    for (const [name, part] of Object.entries(JSON.parse(text))) {
        assert.deepEqual(description.components.schemas[name], part, name);
    }
});

test("the viewer sends an example", async () => {
    await withPage(origin, {}, async (page) => {
        await page.goto("/docs");
        assert.equal(await page.title(), "Gateway API");
        await page.locator("#operations-Events-postEvents .opblock-summary").click();
        await page.locator("#operations-Events-postEvents button.execute").click();
        await page.locator(".live-responses-table .response-col_status").first().waitFor();
        const status = await page
            .locator(".live-responses-table tbody .response-col_status")
            .first()
            .textContent();
        assert.match(status, /^201/);
    });
});
