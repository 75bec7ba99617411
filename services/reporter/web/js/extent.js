// From when to when there are events, for the ranges that depend on it: "All", and that of a page
// which nobody has told anything. The series of everything tells, each step finer than the one
// before: months; days, where these are few; minutes.

import { fetchReport } from "./api.js";
import { STEPS } from "./ranges.js";
import { TIME_ZONE } from "./reports.js";
import { activeFilters } from "./state.js";

const DAY = STEPS.day;

/** With the longest time that is looked at by the next of them. */
const LEVELS = [
    ["month", 400 * DAY],
    ["day", 2 * DAY],
    ["minute", 0],
];

/** Of all events, fewer than one in so many are taken for outliers. */
const OUTLIERS = 20;

async function ask(filters, from, interval, signal) {
    const parameters = new URLSearchParams(filters);
    if (from !== null) parameters.set("from", from);
    parameters.set("interval", interval);
    parameters.set("tz", TIME_ZONE);
    const { count, series } = await fetchReport(`reports/events?${parameters}`, signal);
    const points = series.map((point) => ({
        time: Date.parse(point.time),
        count: Number(point.count),
    }));
    return { count: Number(count), points };
}

/**
 * Where a series really begins: behind a few events that are followed by a silence at least as long
 * as all the rest. An index; points.length where nothing is.
 */
function beginning(points) {
    const busy = [...points.keys()].filter((index) => points[index].count > 0);
    if (busy.length === 0) return points.length;
    let begin = busy[0];
    const total = busy.reduce((sum, index) => sum + points[index].count, 0);
    let older = 0;
    for (let place = 1; place < busy.length; ++place) {
        older += points[busy[place - 1]].count;
        if (older * OUTLIERS > total) break;
        const silence = busy[place] - busy[place - 1] - 1;
        if (silence > 0 && silence >= busy.at(-1) - busy[place] + 1) begin = busy[place];
    }
    return begin;
}

function firstBusy(points) {
    const index = points.findIndex(({ count }) => count > 0);
    return index < 0 ? points.length : index;
}

async function measure(filters, signal) {
    let from = null;
    let oldest = null;
    let extent = null;
    for (const [interval, longest] of LEVELS) {
        const { count, points } = await ask(filters, from, interval, signal);
        const begin = interval === "minute" ? firstBusy(points) : beginning(points);
        if (begin === points.length) break;
        const kept = points.slice(begin).reduce((sum, point) => sum + point.count, 0);
        oldest ??= points[0].time;
        from = points[begin].time;
        const last = Math.min(Date.now(), points.at(-1).time + STEPS[interval]);
        // Events that came in between make the rest no smaller than nothing.
        const older = Math.max(0, (extent?.older ?? 0) + count - kept);
        extent = { first: from, last, older };
        if (last - from > longest) break;
    }
    return (
        extent && {
            ...extent,
            oldest: extent.older > 0 ? oldest : extent.first,
            isLive: extent.last > Date.now() - DAY,
            leftOut: extent.older > 0 ? { count: extent.older, before: extent.first } : null,
        }
    );
}

let known = { of: "", extent: null };

/** { first, last, oldest, isLive, leftOut: { count, before } or null } in milliseconds, or null. */
export const extent = () => known.extent;

/**
 * Measures what a state's range depends on. What was measured stays, unless somebody has `asked`
 * for everything. A failure leaves it unknown: the reports fail likewise, and say why.
 */
export async function learnExtent(state, asked, signal) {
    if (!["", "all"].includes(state.range)) return;
    const names = state.range === "all" ? activeFilters(state) : [];
    const filters = names.map((name) => [name, state[name]]);
    const of = JSON.stringify(filters);
    if (known.extent && known.of === of && !(asked && state.range === "all")) return;
    try {
        const found = await measure(filters, signal);
        if (!signal.aborted) known = { of, extent: found };
    } catch {
        if (!signal.aborted && known.of !== of) known = { of, extent: null };
    }
}
