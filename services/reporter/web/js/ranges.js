// From a range's name to the instants and the buckets that a report is asked for.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const STEPS = { minute: MINUTE, hour: HOUR, day: DAY };

const PRESETS = { "15m": 15 * MINUTE, "1h": HOUR, "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY };

/** A chart has 12 series at most and the API's bound is 100,000 figures; more bars than this are
 *  no longer told apart anyway. */
const MOST_BUCKETS = 3000;

/** The window in epoch milliseconds; an open end is null. A preset begins on a whole minute. */
export function windowOf(state, now) {
    if (state.range === "all") return { from: null, to: null };
    if (state.range === "custom") {
        const instant = (text) =>
            text && !Number.isNaN(Date.parse(text)) ? Date.parse(text) : null;
        return { from: instant(state.from), to: instant(state.to) };
    }
    const length = PRESETS[state.range] ?? PRESETS["24h"];
    return { from: Math.floor((now - length) / MINUTE) * MINUTE, to: now };
}

const buckets = (window, interval, now) =>
    window.from === null ? 0 : ((window.to ?? now) - window.from) / STEPS[interval];

/** Whether a chart of that window can have such buckets. With an open start nobody knows. */
export const fits = (window, interval, now) => buckets(window, interval, now) <= MOST_BUCKETS;

/** The state with its interval, or the automatic one where its range is too long for it. */
export function withFittingInterval(state, now) {
    const chosen = state.interval in STEPS;
    const kept = !chosen || fits(windowOf(state, now), state.interval, now);
    return kept ? state : { ...state, interval: "auto" };
}

export function intervalOf(state, window, now) {
    if (state.interval in STEPS && fits(window, state.interval, now)) return state.interval;
    if (window.from === null) return "day";
    const length = (window.to ?? now) - window.from;
    if (length <= 3 * HOUR) return "minute";
    return length <= 8 * DAY ? "hour" : "day";
}

/** RFC 3339 <-> the value of a datetime-local field, in the browser's zone. */
export function toLocalField(text) {
    const time = Date.parse(text);
    if (!text || Number.isNaN(time)) return "";
    return new Date(time - new Date(time).getTimezoneOffset() * MINUTE).toISOString().slice(0, 16);
}

export const fromLocalField = (value) => (value ? new Date(value).toISOString() : "");
