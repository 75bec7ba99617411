// The reports that the page asks for, and which of them knows which filter.

import { activeFilters } from "./state.js";

export const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

const KNOWN = {
    events: ["source", "funnelStage", "eventType"],
    revenue: ["source", "eventType", "campaignId"],
    demographics: [
        "source",
        "gender",
        "ageMin",
        "ageMax",
        "country",
        "device",
        "followersMin",
        "followersMax",
    ],
};

const groups = (category, key, limit) => ({ category, extra: { groupBy: key, limit } });

/** One request each; `charted` ones also get the interval and the time zone. */
export const REPORTS = {
    events: { category: "events", extra: { groupBy: "eventType" }, charted: true },
    revenue: { category: "revenue", extra: {}, charted: true },
    campaigns: groups("revenue", "campaignId", "10"),
    gender: groups("demographics", "gender", "10"),
    ageGroup: groups("demographics", "ageGroup", "10"),
    country: groups("demographics", "country", "10"),
    device: groups("demographics", "device", "10"),
    followersGroup: groups("demographics", "followersGroup", "10"),
};

const LABELS = {
    source: "source",
    funnelStage: "funnel stage",
    eventType: "event type",
    campaignId: "campaign",
    gender: "gender",
    ageMin: "age",
    ageMax: "age",
    country: "country",
    device: "device",
    followersMin: "followers",
    followersMax: "followers",
};

/** The address of a report in a state. Without an interval: of its figures alone. */
export function addressOf(report, state, window, interval) {
    const parameters = new URLSearchParams();
    if (window.from !== null) parameters.set("from", window.from);
    if (window.to !== null) parameters.set("to", window.to);
    for (const name of KNOWN[report.category]) {
        if (state[name]) parameters.set(name, state[name]);
    }
    for (const [name, value] of Object.entries(report.extra)) parameters.set(name, value);
    if (report.charted && interval) {
        parameters.set("interval", interval);
        parameters.set("tz", TIME_ZONE);
    }
    const query = parameters.toString();
    return `/reports/${report.category}${query ? `?${query}` : ""}`;
}

/** The labels of the active filters that a category's reports know nothing of. */
export function ignoredFilters(category, state) {
    const names = activeFilters(state).filter((name) => !KNOWN[category].includes(name));
    return [...new Set(names.map((name) => LABELS[name]))];
}
