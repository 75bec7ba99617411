// The reporter against its own description, both ways: what is documented works, what is answered is
// documented. node openapi.test.mjs <a reporter with events> <one without its database> <one with tokens>

import assert from "node:assert/strict";
import test from "node:test";
import { Conformance } from "./conformance.mjs";

const origin = new URL(process.argv[2]).origin;
const unready = new URL(process.argv[3]).origin;
const locked = new URL(process.argv[4]).origin;
const api = await Conformance.of(origin);

const REPORTS = ["/reports/events", "/reports/revenue", "/reports/demographics"];
const JSON_TYPE = "application/json";
const TYPES = [JSON_TYPE, "text/csv"];

/** What a parameter needs beside it. */
const NEEDS = { limit: { groupBy: ["source"] }, tz: { interval: "day" } };

/** A query string; a list is written with commas, as `explode: false` says. */
const queryOf = (parameters) =>
    new URLSearchParams(
        Object.entries(parameters).map(([name, value]) => [name, String(value)]),
    ).toString();

test("the description is valid OpenAPI 3.1, and its examples meet their schemas", async () => {
    await api.expectValid();
    api.expectExamples();
});

test("every report has the same parameters", () => {
    const [first, ...others] = REPORTS.map((path) => api.parametersOf(path));
    for (const other of others) assert.deepEqual(other, first);
});

for (const path of REPORTS) {
    const parameters = api.parametersOf(path).filter((parameter) => parameter.in === "query");

    test(`${path} crosses its filters: an event has to match each of them`, async () => {
        const figure = ({ count, transactions, userCount }) => count ?? transactions ?? userCount;
        const ask = async (filters) =>
            figure((await api.ask(path, { query: queryOf(filters) })).body);
        const filters = { source: "facebook", gender: "female", funnelStage: "bottom", ageMin: 30 };
        let before = await ask({});
        for (let count = 1; count <= Object.keys(filters).length; ++count) {
            const figures = await ask(Object.fromEntries(Object.entries(filters).slice(0, count)));
            assert.ok(figures > 0 && figures <= before, `${figures} of ${before}`);
            before = figures;
        }
        assert.equal(await ask({ gender: "female", followersMin: 0 }), 0);
    });

    test(`${path} takes each parameter with each of its examples`, async () => {
        for (const { name, schema } of parameters) {
            assert.ok(schema.examples?.length > 0, `${name} has no examples`);
            for (const value of schema.examples) {
                for (const type of TYPES) {
                    const query = queryOf({ ...NEEDS[name], [name]: value });
                    const { status } = await api.ask(path, { query, headers: { Accept: type } });
                    assert.equal(status, 200, `${path}?${query}`);
                }
            }
        }
    });

    test(`${path} takes each documented value`, async () => {
        for (const { name, schema } of parameters) {
            for (const value of schema.enum ?? schema.items?.enum ?? []) {
                const { status } = await api.ask(path, { query: queryOf({ [name]: value }) });
                assert.equal(status, 200, `${name}=${value}`);
            }
        }
    });

    test(`${path} gives all keys, their series and the cut that it documents`, async () => {
        const { schema } = parameters.find((parameter) => parameter.name === "groupBy");
        const interval = { interval: "hour", tz: "Asia/Kathmandu" };
        for (const key of schema.items.enum) {
            const query = queryOf({ groupBy: key, ...interval });
            const { body } = await api.ask(path, { query });
            assert.ok(
                body.groups.length === 100 || (body.groups.length < 100 && !body.truncated),
                query,
            );
            const times = body.series.map((point) => point.time);
            for (const group of body.groups) {
                assert.ok(Object.hasOwn(group, key));
                assert.deepEqual(
                    group.series.map((point) => point.time),
                    times,
                );
            }
        }
        const query = queryOf({ groupBy: schema.items.enum, limit: 1, ...interval });
        const { body } = await api.ask(path, { query });
        assert.equal(body.groups.length, 1);
        assert.equal(body.truncated, true);
    });

    test(`${path} names every bad parameter, and knows no other than it documents`, async () => {
        const known = parameters.map(({ name }) => name);
        const unknown = await api.ask(path, { query: queryOf({ colour: 1 }) });
        assert.equal(unknown.status, 400);
        assert.deepEqual(
            unknown.body.errors.map((error) => error.parameter),
            ["colour"],
        );
        const free = ["country", "city", "campaignId"]; // any text without NUL
        const bad = Object.fromEntries(
            known.map((name) => [name, free.includes(name) ? "\0" : "nonsense"]),
        );
        const { status, body } = await api.ask(path, { query: queryOf(bad) });
        assert.equal(status, 400);
        assert.deepEqual(new Set(body.errors.map((error) => error.parameter)), new Set(known));
    });

    test(`${path} refuses what needs something else`, async () => {
        for (const [name, value] of [
            ["limit", 5],
            ["tz", "Europe/Berlin"],
        ]) {
            const { status, body } = await api.ask(path, { query: queryOf({ [name]: value }) });
            assert.equal(status, 400);
            assert.deepEqual(
                body.errors.map((error) => error.parameter),
                [name],
            );
        }
        const years = {
            from: "2000-01-01T00:00:00Z",
            to: "2020-01-01T00:00:00Z",
            interval: "minute",
        };
        const { status, body } = await api.ask(path, { query: queryOf(years) });
        assert.equal(status, 400);
        assert.deepEqual(
            body.errors.map((error) => error.parameter),
            ["interval"],
        );
    });

    test(`${path} is 304 for a range in the past that the client has`, async () => {
        for (const type of TYPES) {
            const query = queryOf({ to: "2026-01-01T00:00:00Z", groupBy: "source" });
            const first = await api.ask(path, { query, headers: { Accept: type } });
            const tag = first.headers.get("ETag");
            assert.ok(tag, "no ETag");
            const again = await api.ask(path, {
                query,
                headers: { Accept: type, "If-None-Match": tag },
            });
            assert.equal(again.status, 304);
            assert.equal(again.headers.get("ETag"), tag);
        }
        const open = await api.ask(path, {});
        assert.equal(open.headers.get("Cache-Control"), "no-store");
        assert.equal(open.headers.get("ETag"), null);
    });

    test(`${path} is 401 with a challenge for those without a token, where there are any`, async () => {
        for (const headers of [{}, { Authorization: "Bearer not-the-token-of-it" }]) {
            const { status, body } = await api.ask(path, { origin: locked, headers });
            assert.equal(status, 401);
            assert.equal(body.title, "Unauthorized");
        }
        assert.deepEqual(api.securityOf(path), [{}, { ReportToken: [] }]);
    });

    test(`${path} is 503 with Retry-After without its database`, async () => {
        const { status } = await api.ask(path, { origin: unready });
        assert.equal(status, 503);
    });
}

test("the catalogue says what the reports take, to those who may see them", async () => {
    const { body, headers } = await api.ask("/reports/catalogue", {});
    const again = { "If-None-Match": headers.get("ETag") };
    assert.equal((await api.ask("/reports/catalogue", { headers: again })).status, 304);
    assert.equal((await api.ask("/reports/catalogue", { origin: locked })).status, 401);
    const filters = [
        ...body.sources.map(({ name }) => ({ source: name })),
        ...body.eventTypes.flatMap(({ name, funnelStage, sources }) =>
            sources.map((source) => ({ eventType: name, funnelStage, source })),
        ),
        ...body.dimensions.flatMap(({ name, choices = [], minimum, maximum }) => [
            ...choices.map((choice) => ({ [name]: choice.name })),
            ...[minimum, maximum].filter(Number.isSafeInteger).map((end) => ({ [name]: end })),
        ]),
    ];
    for (const filter of filters) {
        const { status } = await api.ask("/reports/events", { query: queryOf(filter) });
        assert.equal(status, 200, JSON.stringify(filter));
    }
});

test("the operations are as documented, with the database and without", async () => {
    for (const path of ["/liveness", "/readiness", "/metrics", "/openapi.json"]) {
        const { status } = await api.ask(path, {});
        assert.equal(status, 200, path);
    }
    assert.equal((await api.ask("/readiness", { origin: unready })).status, 503);
    assert.equal((await api.ask("/liveness", { origin: unready })).status, 200);
    const { headers } = await api.ask("/openapi.json", {});
    const again = await api.ask("/openapi.json", {
        headers: { "If-None-Match": headers.get("ETag") },
    });
    assert.equal(again.status, 304);
});

test("other methods and paths are answered with documented problems", async () => {
    for (const path of api.paths()) {
        const { status, headers } = await api.ask(path, { method: "DELETE" });
        assert.equal(status, 405, path);
        assert.equal(headers.get("Allow"), "GET, HEAD");
        assert.equal((await api.ask(path, { method: "HEAD" })).status, 200);
    }
    const { status } = await api.ask("/reports/events", { suffix: "/none" });
    assert.equal(status, 404);
});

test("a correlation id comes back, a bad one is replaced", async () => {
    const id = "report:2026-11.22_A-7";
    const { headers } = await api.ask("/reports/events", { headers: { "X-Correlation-Id": id } });
    assert.equal(headers.get("X-Correlation-Id"), id);
    const other = await api.ask("/reports/events", {
        headers: { "X-Correlation-Id": "no spaces please" },
    });
    assert.match(other.headers.get("X-Correlation-Id"), /^[0-9a-f-]{36}$/);
});

// The last one: it looks back on the others.
test("nothing is documented that no answer had", () => api.expectAllSeen());
