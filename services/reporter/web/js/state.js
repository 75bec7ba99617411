// What the page shows, as a value; it stands in the address, so a view can be shared.

import { choicesOf, typesOf } from "./catalogue.js";

export const DEFAULTS = Object.freeze({
    range: "", // the one that fits what is stored
    from: "", // with range "custom": RFC 3339, or "" for an open end
    to: "",
    outliers: "", // with range "all": "show", or "" to leave out what is far from all others
    interval: "auto",
    source: "",
    funnelStage: "",
    eventType: "",
    campaignId: "",
    gender: "",
    ageMin: "",
    ageMax: "",
    country: "",
    city: "",
    device: "",
    followersMin: "",
    followersMax: "",
});

export const FILTERS = Object.keys(DEFAULTS).slice(Object.keys(DEFAULTS).indexOf("source"));

const has = (list, name) => list.some((entry) => entry.name === name);

/** Drops what can't be together with the rest. What is in no list at all stays, and is refused. */
function withoutContradictions(state) {
    const next = { ...state };
    const drop = (name, all, left) => {
        if (has(all, next[name]) && !has(left, next[name])) next[name] = "";
    };
    drop("eventType", typesOf("", ""), typesOf(next.source, next.funnelStage));
    for (const name of ["device", "gender"])
        drop(name, choicesOf(name, ""), choicesOf(name, next.source));
    return next;
}

/** The state after a choice, which other choices may contradict. */
export function consistent(state) {
    const next = withoutContradictions(state);
    if (next.range !== "custom") next.from = next.to = "";
    if (next.range !== "all") next.outliers = "";
    return next;
}

export function readAddress(search) {
    const state = { ...DEFAULTS };
    const parameters = new URLSearchParams(search);
    for (const name of Object.keys(DEFAULTS)) {
        if (parameters.has(name)) state[name] = parameters.get(name);
    }
    return state;
}

/** The address of a state: only what differs from the defaults. */
export function toAddress(state) {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(DEFAULTS)) {
        if (state[name] !== value) parameters.set(name, state[name]);
    }
    const query = parameters.toString();
    return query ? `./?${query}` : "./";
}

export const activeFilters = (state) => FILTERS.filter((name) => state[name] !== "");
