// Asking the reporter, and what can go wrong with it.

import { parseExact } from "./exact.js";
import { authorization } from "./token.js";

/** Whether it is a token that is missing, so that asking again is of no use before there is one. */
export const isLocked = (errors) => errors.some((error) => error.status === 401);

/** An answer that is no report. `retryAfter` in milliseconds, 0 when trying again won't help. */
export class ReportError extends Error {
    constructor(message, { status = 0, retryAfter = 0, parameters = [] } = {}) {
        super(message);
        this.status = status;
        this.retryAfter = retryAfter;
        this.parameters = parameters;
    }
}

const DEFAULT_RETRY = 5000;

async function errorOf(response) {
    const problem = await response.json().catch(() => ({}));
    const seconds = Number(response.headers.get("Retry-After"));
    const errors = Array.isArray(problem.errors) ? problem.errors : [];
    const details = errors.map((error) => `${error.parameter} ${error.message}.`);
    if (response.status === 401)
        return new ReportError("Figures need a token.", { status: 401 });
    const message =
        details.join(" ") || problem.detail || `The reporter answered ${response.status}.`;
    return new ReportError(message, {
        status: response.status,
        retryAfter: response.status >= 500 ? seconds * 1000 || DEFAULT_RETRY : 0,
        parameters: errors.map((error) => error.parameter),
    });
}

async function ask(address, accept, signal) {
    try {
        const headers = { Accept: accept, ...authorization() };
        const response = await fetch(address, { headers, signal });
        if (!response.ok) throw await errorOf(response);
        return await response.text();
    } catch (error) {
        if (error instanceof ReportError || error.name === "AbortError") throw error;
        throw new ReportError("The reporter can’t be reached.", { retryAfter: DEFAULT_RETRY });
    }
}

/** A report's answer; its numbers are text. Throws ReportError, or AbortError when outdated. */
export const fetchReport = async (address, signal) =>
    parseExact(await ask(address, "application/json", signal));

export const fetchCsv = (address) => ask(address, "text/csv");
