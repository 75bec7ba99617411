// The figures at the top.

import { formatCount, formatMoney } from "./exact.js";
import { moment } from "./format.js";

const put = (id, text) => {
    const figure = document.getElementById(id);
    figure.textContent = text;
    figure.style.setProperty("--characters", text.length);
};

/** Which totals an answer brings: those of `name`'s report. */
export function showTotals(name, answer) {
    if (name === "events") put("total-events", formatCount(answer.count));
    if (name === "users") put("total-users", formatCount(answer.userCount));
    if (name !== "revenue") return;
    put("total-revenue", formatMoney(answer.revenue));
    put("total-orders", formatCount(answer.transactions));
    put("total-average", formatMoney(answer.averageOrderValue));
}

/** A range that begins before what is kept, or before what a chart has room for, says so: its first figures would look like quiet days. */
export function showKept(answer) {
    const note = document.getElementById("kept");
    const notes = [];
    const time = (text) => moment(Date.parse(text));
    if (answer.from) notes.push(`Events before ${time(answer.from)} are not kept any more.`);
    if (answer.seriesFrom) {
        notes.push(`There are older events than the charts show: they begin ${time(answer.seriesFrom)}.`);
    }
    note.hidden = notes.length === 0;
    note.textContent = notes.join(" ");
}

const text = (id) => document.getElementById(id).textContent || "unknown";

/** One sentence for screen readers after a change. */
export const totalsSentence = () =>
    `${text("total-events")} events, revenue ${text("total-revenue")} from ${text("total-orders")} orders, ${text("total-users")} users.`;
