// The token that the reporter may ask for. It is kept for this tab and until it is closed, never in
// the address, and sent to this host alone.

const NAME = "report-token";

/** Nothing but what may stand in a header; the reporter takes no other token. */
const SHAPE = /^[!-~]+$/;

let token = null; // where the browser keeps nothing, for as long as the page is open

try {
    token = sessionStorage.getItem(NAME);
} catch {
    // The browser is told to store nothing.
}

export const hasToken = () => token !== null;

/** False when the text can be no token. */
export function keepToken(text) {
    if (!SHAPE.test(text)) return false;
    token = text;
    try {
        sessionStorage.setItem(NAME, text);
    } catch {
        // As above.
    }
    return true;
}

export function forgetToken() {
    token = null;
    try {
        sessionStorage.removeItem(NAME);
    } catch {
        // As above.
    }
}

/** What a request carries, as headers. */
export const authorization = () => (token === null ? {} : { Authorization: `Bearer ${token}` });
