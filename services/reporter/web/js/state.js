// What the page shows, as a value; it stands in the address, so a view can be shared.

import { choicesOf, isKnown, sources, typesOf } from "./catalogue.js";

export const DEFAULTS = Object.freeze({
    range: "24h",
    from: "", // with range "custom": RFC 3339, or "" for an open end
    to: "",
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

/** Drops what the catalogue does not have, and what can't be together. */
function withoutUnknown(state) {
    const next = { ...state };
    const has = (list, name) => list.some((entry) => entry.name === name);
    if (!has(sources(), next.source)) next.source = "";
    if (!has(typesOf(next.source, next.funnelStage), next.eventType)) next.eventType = "";
    for (const name of ["device", "gender"]) {
        if (!has(choicesOf(name, next.source), next[name])) next[name] = "";
    }
    return next;
}

export function consistent(state) {
    const next = isKnown() ? withoutUnknown(state) : { ...state };
    if (next.range !== "custom") next.from = next.to = "";
    return next;
}

export function readAddress(search) {
    const state = { ...DEFAULTS };
    const parameters = new URLSearchParams(search);
    for (const name of Object.keys(DEFAULTS)) {
        if (parameters.has(name)) state[name] = parameters.get(name);
    }
    return consistent(state);
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
