// What the page shows, as a value; it stands in the address, so a view can be shared.

import { devicesOf, typesOf } from "./catalogue.js";

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

/** Drops what can't be together, e.g. an event type that the chosen source does not have. */
export function consistent(state) {
    const next = { ...state };
    const has = (list, name) => list.some((entry) => entry.name === name);
    if (!has(typesOf(next.source, next.funnelStage), next.eventType)) next.eventType = "";
    if (!has(devicesOf(next.source), next.device)) next.device = "";
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
