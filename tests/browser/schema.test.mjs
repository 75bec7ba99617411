// Our verdicts on events against those of ajv by an event's JSON Schema:
// node schema.test.mjs <the schema> <a file of {"json","code","path"}, one a line; code null: valid>

import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import test from "node:test";
import Ajv from "ajv/dist/2020.js";

const ajv = new Ajv.default({ strict: true, strictTypes: false });
const isValid = ajv.compile(JSON.parse(await readFile(process.argv[2], "utf8")));

const DAYS = /^(\d{4})-(\d\d)-(\d\d)/;
const isOfCalendar = (text) => {
    const [year, month, day] = DAYS.exec(text).slice(1).map(Number);
    const date = new Date(Date.UTC(2000, month - 1, day));
    date.setUTCFullYear(year, month - 1, day);
    return date.getUTCDate() === day && text.slice(17, 19) !== "60";
};
const isTime = (path) => /(timestamp|actionTime|seenAt)$/.test(path);

/** What JSON Schema can not say, as docs/events.md lists it: each has to be met. */
const BEYOND = {
    "too many bytes": ({ code }, value) =>
        code === "out_of_range" && typeof value === "string" && Buffer.byteLength(value) > 1024,
    "half a surrogate pair": ({ code }, value) =>
        code === "malformed_value" && /\p{Surrogate}/u.test(value),
    "not of the calendar": ({ code, path }, value) =>
        code === "malformed_value" && isTime(path) && !isOfCalendar(value),
    "too far ahead": ({ code }) => code === "in_the_future",
    "older than what is kept": ({ code }) => code === "too_old",
    "beyond 64 bits": ({ code }, value) => code === "out_of_range" && value >= 2 ** 63,
    "a fraction too small for a double": ({ code }, value, json) =>
        code === "wrong_type" && value === 25 && json.includes("25.00000000000000000001"),
    "too large": ({ code }) => code === "too_large",
    "too deep": ({ code }) => code === "too_deep",
};

const at = (event, path) => path.split(".").reduce((object, key) => object?.[key], event);

function parsed(json) {
    try {
        return { event: JSON.parse(json) };
    } catch {
        return null;
    }
}

test("ajv by the schema says of each event what our validator says", async () => {
    const seen = { valid: 0, invalid: 0, "not JSON": 0 };
    const count = (what) => (seen[what] = (seen[what] ?? 0) + 1);
    for await (const line of createInterface({ input: createReadStream(process.argv[3]) })) {
        const ours = JSON.parse(line);
        const theirs = parsed(ours.json);
        const where = `${ours.code} ${ours.path}: ${ours.json.slice(0, 2000)}`;
        if (theirs === null) {
            assert.equal(ours.code, "malformed_json", where);
            count("not JSON");
        } else if (!isValid(theirs.event)) {
            assert.notEqual(ours.code, null, `${ajv.errorsText(isValid.errors)}: ${where}`);
            count("invalid");
        } else if (ours.code === null) {
            count("valid");
        } else {
            const value = at(theirs.event, ours.path);
            const why = Object.keys(BEYOND).find((name) => BEYOND[name](ours, value, ours.json));
            assert.ok(why, `only ours refuses it: ${where}`);
            count(why);
        }
    }
    console.log(seen);
    for (const why of [...Object.keys(BEYOND), "valid", "invalid", "not JSON"]) {
        assert.ok(seen[why] > 0, `never met: ${why}`);
    }
});
