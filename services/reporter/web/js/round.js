// One round: every report once, each card filled as its answer arrives.

import { fetchReport, ReportError } from "./api.js";
import * as cards from "./cards.js";
import { addressOf, REPORTS } from "./reports.js";

const TOO_LONG =
    "This range has more bars than a chart can have. Choose a shorter one, or larger bars.";

const THINGS = { events: "events", revenue: "orders", demographics: "users" };

/** `begin(address)` is called for what is asked. A range of too many buckets has its figures still. */
async function fetchFor(report, { state, window, interval, signal }, begin) {
    const ask = (buckets) => {
        const address = addressOf(report, state, window, buckets);
        begin(address);
        return fetchReport(address, signal);
    };
    try {
        return await ask(interval);
    } catch (error) {
        if (!report.charted || !error.parameters?.includes("interval")) throw error;
        return ask(null);
    }
}

/** What went wrong, as an error of the API; a bug of the page must not end its refresh. */
function asReportError(error) {
    if (error instanceof ReportError) return error;
    console.error(error);
    return new ReportError("This answer could not be shown.");
}

function messageOf(name, answer) {
    const { charted } = REPORTS[name];
    const sum = answer.count ?? answer.transactions ?? answer.userCount;
    const empty = charted ? sum === "0" : answer.groups.length === 0;
    if (empty) return `No ${THINGS[REPORTS[name].category]} in this range with these filters.`;
    return charted && !answer.series ? TOO_LONG : "";
}

/** Nothing could be asked for. Gives the error as one of the API. */
export function failAll(error) {
    const known = asReportError(error);
    for (const name of Object.keys(REPORTS)) cards.fail(name, known);
    return known;
}

/** `question` is { state, window, interval, signal }; `show(name, answer, drawable)`. Gives the errors. */
export async function askAll(question, asked, show) {
    const { signal } = question;
    const ask = async ([name, report]) => {
        const begin = (address) => cards.begin(name, address, asked);
        try {
            const answer = await fetchFor(report, question, begin);
            if (signal.aborted) return null;
            const message = messageOf(name, answer);
            cards.done(name, message);
            show(name, answer, message === "");
            return null;
        } catch (error) {
            if (signal.aborted) return null;
            const known = asReportError(error);
            cards.fail(name, known);
            return known;
        }
    };
    const errors = await Promise.all(Object.entries(REPORTS).map(ask));
    return errors.filter((error) => error !== null);
}
