// One round: every report once, each card filled as its answer arrives.

import { fetchReport, ReportError } from "./api.js";
import * as cards from "./cards.js";
import { addressOf, REPORTS } from "./reports.js";

const TOO_LONG =
    "This range has more bars than a chart can have. Choose a shorter one, or larger bars.";

const THINGS = { events: "events", revenue: "orders", demographics: "users" };

/** A range of more buckets than the API gives still has its figures. */
async function fetchCharted(report, state, window, interval, signal) {
    try {
        return await fetchReport(addressOf(report, state, window, interval), signal);
    } catch (error) {
        if (!report.charted || !error.parameters?.includes("interval")) throw error;
        return fetchReport(addressOf(report, state, window, null), signal);
    }
}

function messageOf(name, answer) {
    const { charted } = REPORTS[name];
    const empty = charted
        ? (answer.count ?? answer.transactions) === "0"
        : answer.groups.length === 0;
    if (empty) return `No ${THINGS[REPORTS[name].category]} in this range with these filters.`;
    return charted && !answer.series ? TOO_LONG : "";
}

/** `show(name, answer)` draws one; `drawn` answers have something to draw. Gives the errors. */
export async function askAll({ state, window, interval, signal, asked, show }) {
    const ask = async ([name, report]) => {
        cards.begin(name, addressOf(report, state, window, interval), state, asked);
        try {
            const answer = await fetchCharted(report, state, window, interval, signal);
            if (signal.aborted) return null;
            const message = messageOf(name, answer);
            cards.done(name, message);
            show(name, answer, message === "");
            return null;
        } catch (error) {
            if (signal.aborted) return null;
            if (!(error instanceof ReportError)) throw error;
            cards.fail(name, error);
            return error;
        }
    };
    const errors = await Promise.all(Object.entries(REPORTS).map(ask));
    return errors.filter((error) => error !== null);
}
