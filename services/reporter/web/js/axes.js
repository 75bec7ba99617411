// How the charts' axes look and what stands at them.

import { resolved } from "./colours.js";
import { formatCompact } from "./exact.js";
import { clock, dayMonth, dayMonthYear } from "./format.js";

const FONT = '12px "Inter", system-ui, sans-serif';
const DAY = 86_400;

/** Between two lines: 1, 2, 5, 10, 20, ... since there is no half an event. */
const INCREMENTS = Array.from({ length: 15 }, (_, power) =>
    [1, 2, 5].map((factor) => factor * 10 ** power),
).flat();

const sameDay = (a, b) => new Date(a).toDateString() === new Date(b).toDateString();

/** Times of day, with the date below the first of each day; else dates, with the year once. */
function timeLabels(u, splits, axis, space, increment) {
    return splits.map((seconds, index) => {
        const time = seconds * 1000;
        const before = index > 0 ? splits[index - 1] * 1000 : null;
        if (increment < DAY) {
            const first = before === null || !sameDay(time, before);
            return clock(time) + (first ? `\n${dayMonth(time)}` : "");
        }
        const newYear =
            before !== null && new Date(before).getFullYear() !== new Date(time).getFullYear();
        return newYear ? dayMonthYear(time) : dayMonth(time);
    });
}

const base = () => ({
    font: FONT,
    stroke: resolved("var(--muted)"),
    ticks: { show: false },
});

export const timeAxis = () => ({ ...base(), grid: { show: false }, space: 70, values: timeLabels });

export const amountAxis = () => ({
    ...base(),
    grid: { stroke: resolved("var(--line)"), width: 1 },
    space: 44,
    incrs: INCREMENTS,
    values: (u, splits) => splits.map(formatCompact),
    size: (u, labels) => 16 + 7 * Math.max(2, ...(labels ?? []).map((label) => label.length)),
});
