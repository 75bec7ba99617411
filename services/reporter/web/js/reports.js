// The reports that the page asks for. Each of them knows every filter.

import { activeFilters } from "./state.js";

export const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

const groups = (category, key) => ({ category, extra: { groupBy: key, limit: "10" } });
const users = (key) => groups("demographics", key);

/** One request each; `charted` ones also get the interval and the time zone. */
export const REPORTS = {
    events: { category: "events", extra: { groupBy: "eventType" }, charted: true },
    revenue: { category: "revenue", extra: {}, charted: true },
    campaigns: groups("revenue", "campaignId"),
    users: { category: "demographics", extra: {}, charted: true },
    gender: users("gender"),
    ageGroup: users("ageGroup"),
    country: users("country"),
    city: users("city"),
    device: users("device"),
    followersGroup: users("followersGroup"),
};

/** The address of a report in a state. Without an interval: of its figures alone. */
export function addressOf(report, state, window, interval) {
    const parameters = new URLSearchParams();
    if (window.from !== null) parameters.set("from", window.from);
    if (window.to !== null) parameters.set("to", window.to);
    for (const name of activeFilters(state)) parameters.set(name, state[name]);
    for (const [name, value] of Object.entries(report.extra)) parameters.set(name, value);
    if (report.charted && interval) {
        parameters.set("interval", interval);
        parameters.set("tz", TIME_ZONE);
    }
    const query = parameters.toString();
    return `reports/${report.category}${query ? `?${query}` : ""}`;
}
