// Asks a daemon, and holds each answer against its OpenAPI description.

import assert from "node:assert/strict";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const mediaType = (headers) => headers.get("Content-Type")?.split(";")[0] ?? null;

export class Conformance {
    #spec;
    #ajv = new Ajv.default({ strict: false, allErrors: true });
    #statuses = new Set(); // "GET /path 200 application/json"
    #fields = new Map(); // path -> the fields that answers had, e.g. "groups[].source"

    constructor(origin, spec) {
        this.origin = origin;
        this.#spec = spec;
        addFormats.default(this.#ajv);
        this.#ajv.addSchema(spec, "spec");
    }

    static async of(origin) {
        const response = await fetch(`${origin}/openapi.json`);
        return new Conformance(origin, await response.json());
    }

    /** Follows $ref. */
    #at(part) {
        if (!part?.$ref) return part;
        const steps = part.$ref.slice(2).split("/");
        return this.#at(
            steps.reduce(
                (at, step) => at[step.replaceAll("~1", "/").replaceAll("~0", "~")],
                this.#spec,
            ),
        );
    }

    #check(schema, value, what) {
        // References in it are those of the description.
        const located = JSON.parse(
            JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"spec#/'),
        );
        const valid = this.#ajv.validate(located, value);
        const shown = JSON.stringify(value)?.slice(0, 400);
        assert.ok(valid, `${what}: ${this.#ajv.errorsText()}\n${shown}`);
    }

    paths() {
        return Object.keys(this.#spec.paths);
    }

    parametersOf(path, method = "get") {
        return (this.#spec.paths[path][method].parameters ?? []).map((parameter) => {
            const found = this.#at(parameter);
            return { ...found, schema: this.#at(found.schema) };
        });
    }

    /** What may be asked: "get", "/path" and what is documented of it. */
    *#operations() {
        for (const [path, operations] of Object.entries(this.#spec.paths)) {
            for (const [method, operation] of Object.entries(operations)) {
                yield { path, method, operation };
            }
        }
    }

    securityOf(path) {
        return this.#spec.paths[path].get.security;
    }

    async expectValid() {
        const { valid, errors } = await new Validator().validate(structuredClone(this.#spec));
        assert.ok(valid, JSON.stringify(errors));
    }

    /** The examples of parameters, answers and schemas against their schemas. */
    expectExamples() {
        for (const [name, schema] of Object.entries(this.#spec.components.schemas)) {
            for (const example of schema.examples ?? []) this.#check(schema, example, name);
        }
        for (const { path, method, operation } of this.#operations()) {
            for (const { name, schema } of this.parametersOf(path, method)) {
                for (const example of schema.examples ?? [])
                    this.#check(schema, example, `${path} ${name}`);
            }
            const bodies = operation.requestBody ? [operation.requestBody] : [];
            for (const described of [...Object.values(operation.responses), ...bodies]) {
                for (const { schema, example, examples = {} } of Object.values(
                    this.#at(described).content ?? {},
                )) {
                    const values = Object.values(examples).map(({ value }) => value);
                    if (example !== undefined) values.push(example);
                    for (const value of values) this.#check(schema, value, `${path}: an example`);
                }
            }
        }
    }

    /** Sends a request to a documented path and checks the answer; gives status, headers and body. */
    async ask(
        path,
        { origin = this.origin, query = "", headers = {}, method = "GET", suffix = "", body },
    ) {
        const target = path + suffix + (query && `?${query}`);
        const response = await fetch(origin + target, { method, headers, body, redirect: "error" });
        const text = await response.text();
        const what = `${method} ${target} ${response.status}`;
        const operations = this.#spec.paths[path];
        const known = operations[method.toLowerCase()] ? method.toLowerCase() : "get";
        const { responses } = operations[known];
        const documented = this.#at(responses[response.status] ?? responses.default);
        assert.ok(documented, `${what}: no such status is documented`);
        if (response.status < 400 || responses[response.status]) {
            assert.ok(responses[response.status], `${what}: no such status is documented`);
        }
        this.#checkHeaders(documented, response, what);
        if (method === "HEAD" || response.status === 304) {
            assert.equal(text, "", what);
            this.#statuses.add(`${known} ${path} ${response.status} `);
            return { status: response.status, headers: response.headers, body: null };
        }
        const type = mediaType(response.headers);
        const content = documented.content?.[type];
        assert.ok(content, `${what}: ${type} is not documented`);
        const wanted = headers.Accept;
        if (wanted && response.status === 200) assert.equal(type, wanted, what);
        const answer = type.endsWith("json") ? JSON.parse(text) : text;
        this.#check(content.schema, answer, what);
        const status = responses[response.status] ? response.status : "default";
        this.#statuses.add(`${known} ${path} ${status} ${type}`);
        if (type.endsWith("json")) this.#note(`${known} ${path} ${status}`, answer);
        if (type === "text/csv") this.#checkCsv(text, what);
        return { status: response.status, headers: response.headers, body: answer };
    }

    #checkHeaders(documented, response, what) {
        for (const [name, reference] of Object.entries(documented.headers ?? {})) {
            const header = this.#at(reference);
            const value = response.headers.get(name);
            if (value === null) {
                assert.ok(!header.required, `${what}: ${name} is missing`);
                continue;
            }
            const typed = header.schema.type === "integer" ? Number(value) : value;
            this.#check(header.schema, typed, `${what} ${name}`);
        }
    }

    /** As many fields in each line as in the first; quotes keep their commas. */
    #checkCsv(text, what) {
        const lines = text
            .replace(/"(?:[^"]|"")*"/g, "quoted")
            .trimEnd()
            .split(/\r?\n/);
        const columns = lines[0].split(",").length;
        for (const line of lines) assert.equal(line.split(",").length, columns, `${what}: ${line}`);
    }

    #note(answer, value, at = "") {
        const fields = this.#fields.get(answer) ?? new Set();
        this.#fields.set(answer, fields);
        if (Array.isArray(value)) {
            for (const item of value) this.#note(answer, item, `${at}[]`);
        } else if (value !== null && typeof value === "object") {
            for (const [name, member] of Object.entries(value)) {
                const field = at ? `${at}.${name}` : name;
                fields.add(field);
                this.#note(answer, member, field);
            }
        }
    }

    /** The fields that a schema documents. */
    *#fieldsOf(reference, at = "") {
        const schema = this.#at(reference);
        for (const part of schema.allOf ?? []) yield* this.#fieldsOf(part, at);
        if (schema.items) yield* this.#fieldsOf(schema.items, `${at}[]`);
        for (const [name, member] of Object.entries(schema.properties ?? {})) {
            const field = at ? `${at}.${name}` : name;
            yield field;
            yield* this.#fieldsOf(member, field);
        }
    }

    /** Fails for each documented status, content type or field that no answer had. */
    expectAllSeen() {
        const missing = [];
        for (const { path, method, operation } of this.#operations()) {
            for (const [status, reference] of Object.entries(operation.responses)) {
                const content = this.#at(reference).content ?? { "": {} };
                for (const [type, { schema }] of Object.entries(content)) {
                    const answer = `${method} ${path} ${status}`;
                    if (!this.#statuses.has(`${answer} ${type}`)) missing.push(`${answer} ${type}`);
                    if (!type.endsWith("json")) continue;
                    const seen = this.#fields.get(answer) ?? new Set();
                    for (const field of this.#fieldsOf(schema)) {
                        if (!seen.has(field)) missing.push(`${answer} ${type} ${field}`);
                    }
                }
            }
        }
        assert.deepEqual(missing, []);
    }
}
