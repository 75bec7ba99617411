// From a range's name to the instants and the buckets that a report is asked for. Days, weeks and
// months are those of the browser's zone, as the API cuts them for it.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** About as long as a bucket of each interval is. */
export const STEPS = { minute: MINUTE, hour: HOUR, day: DAY, week: 7 * DAY, month: 30 * DAY };

/** The longest range that is drawn by each of them, where nobody chose one. */
const AUTOMATIC = { minute: 3 * HOUR, hour: 8 * DAY, day: 200 * DAY, week: 1100 * DAY };

/** A chart has 12 series at most and the API's bound is 100,000 figures; more bars than this are
 *  no longer told apart anyway. */
const MOST_BUCKETS = 3000;

const startOfMinute = (time) => Math.floor(time / MINUTE) * MINUTE;

/** By the offset of that time: when clocks go back an hour's name comes twice. */
function startOfHour(time) {
    const offset = new Date(time).getTimezoneOffset() * MINUTE;
    return Math.floor((time - offset) / HOUR) * HOUR + offset;
}

function midnight(time, days = 0) {
    const date = new Date(time);
    return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

/** A week begins on Monday. */
const monday = (time, weeks = 0) => midnight(time, 7 * weeks - ((new Date(time).getDay() + 6) % 7));

function firstOfMonth(time, months = 0) {
    const date = new Date(time);
    return new Date(date.getFullYear(), date.getMonth() + months).getTime();
}

/** Both ends of a window are inclusive. */
const whole = (from, next) => ({ from, to: next - 1 });

const WINDOWS = {
    "15m": (now) => ({ from: startOfMinute(now - 15 * MINUTE), to: now }),
    "1h": (now) => ({ from: startOfMinute(now - HOUR), to: now }),
    "24h": (now) => ({ from: startOfHour(now - DAY), to: now }),
    today: (now) => ({ from: midnight(now), to: now }),
    yesterday: (now) => whole(midnight(now, -1), midnight(now)),
    "this-week": (now) => ({ from: monday(now), to: now }),
    "last-week": (now) => whole(monday(now, -1), monday(now)),
    "7d": (now) => whole(midnight(now, -7), midnight(now)),
    "30d": (now) => whole(midnight(now, -30), midnight(now)),
    "this-month": (now) => ({ from: firstOfMonth(now), to: now }),
    "last-month": (now) => whole(firstOfMonth(now, -1), firstOfMonth(now)),
};

export const isRange = (name) =>
    Object.hasOwn(WINDOWS, name) || ["", "all", "custom"].includes(name);

const isInterval = (name) => Object.hasOwn(STEPS, name);

/**
 * The range that is shown: where nobody chose one, the shortest that has all events of the last
 * day, or everything where there are none. `extent` is what learnExtent() gives.
 */
export function rangeOf(state, now, extent) {
    if (state.range !== "" || !extent) return state.range || "24h";
    const holds = (range) => extent.first >= WINDOWS[range](now).from;
    if (extent.last < now - DAY) return "all";
    return ["15m", "1h"].find(holds) ?? (extent.first > now - DAY ? "all" : "24h");
}

function instant(text) {
    const time = Date.parse(text);
    return Number.isNaN(time) ? null : time;
}

/** An end on a whole minute means the time before it. */
function lastInstant(text) {
    const time = instant(text);
    return time !== null && time % MINUTE === 0 ? time - 1 : time;
}

/** The window in epoch milliseconds; an open end is null. Of a range that there is. */
export function windowOf(state, now, extent) {
    const range = rangeOf(state, now, extent);
    if (range === "all") {
        const cut = extent?.leftOut && state.outliers !== "show";
        return { from: cut ? extent.first : null, to: null };
    }
    if (range === "custom") return { from: instant(state.from), to: lastInstant(state.to) };
    return WINDOWS[range](now);
}

/** The same with ends, as far as anybody knows them. */
const closed = (window, now, extent) => ({
    from: window.from ?? extent?.oldest ?? null,
    to: window.to ?? extent?.last ?? now,
});

const lengthOf = ({ from, to }) => (from === null ? 0 : to - from);

/** Whether a chart of that window can have such buckets. With an unknown start nobody knows. */
export const fits = (window, interval, now, extent) =>
    lengthOf(closed(window, now, extent)) / STEPS[interval] <= MOST_BUCKETS;

/** The state with its interval, or the automatic one where its range is too long for it. */
export function withFittingInterval(state, now, extent) {
    if (!isInterval(state.interval) || !isRange(state.range)) return state;
    const kept = fits(windowOf(state, now, extent), state.interval, now, extent);
    return kept ? state : { ...state, interval: "auto" };
}

export function intervalOf(state, window, now, extent) {
    if (isInterval(state.interval) && fits(window, state.interval, now, extent))
        return state.interval;
    const ends = closed(window, now, extent);
    if (ends.from === null) return "day";
    const shortEnough = ([, longest]) => lengthOf(ends) <= longest;
    return Object.entries(AUTOMATIC).find(shortEnough)?.[0] ?? "month";
}

/** A custom range begins as the window that is on the screen. */
export function withEndsOf(window, state, now, extent) {
    if (state.range !== "custom" || state.from || state.to || !window) return state;
    const { from, to } = closed(window, now, extent?.isLive ? { ...extent, last: now } : extent);
    const text = (time) => (time === null ? "" : new Date(time).toISOString());
    return { ...state, from: text(from), to: text(to) };
}

/** RFC 3339 <-> the value of a datetime-local field, in the browser's zone. */
export function toLocalField(text) {
    const parsed = instant(text);
    if (parsed === null) return "";
    const time = (parsed + 1) % MINUTE === 0 ? parsed + 1 : parsed; // the end of a whole window
    return new Date(time - new Date(time).getTimezoneOffset() * MINUTE).toISOString().slice(0, 16);
}

export const fromLocalField = (value) => (value ? new Date(value).toISOString() : "");
