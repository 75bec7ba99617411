// The values that events have of the free texts: a filter finds them in any case, and offers them.
// The API compares texts as they are, so a question has the spelling of what is stored.

import { fetchReport } from "./api.js";
import { make } from "./dom.js";

/** As many as the API gives: the most frequent ones. */
const MOST = 1000;
const MOST_OFFERS = 3;

const THINGS = { country: "country", city: "city", campaignId: "campaign" };

export const TEXTS = Object.keys(THINGS);

/** By name { values: the most frequent first, isWhole }. */
const known = new Map();

const field = (name) => document.querySelector(`input[name="${name}"]`);

const folded = (text) => text.normalize("NFC").toLowerCase();
const plain = (text) => folded(text).normalize("NFD").replace(/\p{M}/gu, "");

async function learn(name, signal) {
    const address = `reports/events?groupBy=${name}&limit=${MOST}`;
    const { groups, truncated } = await fetchReport(address, signal);
    const values = groups.map((group) => group[name]).filter((value) => value);
    known.set(name, { values, isWhole: !truncated });
    field(name).list.replaceChildren(...values.map((value) => make("option", { value })));
}

/** Before a question: new events may have what is not known yet. Failing makes nothing wrong. */
export async function learnValues(state, signal) {
    const unknown = TEXTS.filter(
        (name) =>
            state[name] !== "" &&
            !known.get(name)?.values.includes(knownSpelling(name, state[name])),
    );
    await Promise.allSettled(unknown.map((name) => learn(name, signal)));
}

/** A field offers what there is as soon as somebody goes to it. */
export function offerValues(form) {
    form.addEventListener("focusin", ({ target }) => {
        if (TEXTS.includes(target.name) && !known.has(target.name))
            learn(target.name).catch(() => {});
    });
}

/** The value as events have it, where one differs by its case only. */
export function knownSpelling(name, value) {
    const { values } = known.get(name) ?? { values: [] };
    if (value === "" || values.includes(value)) return value;
    return values.find((each) => folded(each) === folded(value)) ?? value;
}

export function withKnownSpelling(state) {
    const spelled = TEXTS.map((name) => [name, knownSpelling(name, state[name])]);
    return { ...state, ...Object.fromEntries(spelled) };
}

/** Letters that have to be added, left out, changed or swapped with their neighbour. */
export function distance(one, other) {
    let before = [];
    let row = Array.from({ length: other.length + 1 }, (_, index) => index);
    for (let i = 1; i <= one.length; ++i) {
        const next = [i];
        for (let j = 1; j <= other.length; ++j) {
            const changed = row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
            next[j] = Math.min(row[j] + 1, next[j - 1] + 1, changed);
            const isSwapped =
                i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
            if (isSwapped) next[j] = Math.min(next[j], before[j - 2] + 1);
        }
        before = row;
        row = next;
    }
    return row.at(-1);
}

function similar(values, text) {
    const wanted = plain(text);
    const most = wanted.length <= 4 ? 1 : 2;
    const apart = (value) => {
        const candidate = plain(value);
        if (wanted.length >= 3 && candidate.startsWith(wanted)) return 0;
        if (Math.abs(candidate.length - wanted.length) > most) return Infinity;
        return distance(candidate, wanted);
    };
    return values
        .map((value) => ({ value, apart: apart(value) }))
        .filter((candidate) => candidate.apart <= most)
        .sort((a, b) => a.apart - b.apart)
        .slice(0, MOST_OFFERS)
        .map(({ value }) => value);
}

/** A Map from the names of fields whose value nothing has to { text, offers }. */
export function hintsOf(state) {
    const hints = new Map();
    for (const name of TEXTS) {
        const value = state[name];
        const { values, isWhole } = known.get(name) ?? {};
        if (!values || value === "" || values.includes(value)) continue;
        const offers = similar(values, value.slice(0, 100));
        if (isWhole || offers.length > 0)
            hints.set(name, { text: isWhole ? `No event has this ${THINGS[name]}.` : "", offers });
    }
    return hints;
}
