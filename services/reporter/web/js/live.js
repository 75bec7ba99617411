// When the figures are asked for: at once after a change, then again and again while somebody looks.
// One round at a time; a new one aborts the old. Slow answers and errors make the pauses longer.

import { isLocked } from "./api.js";
import { clockSeconds } from "./format.js";

const SHORTEST_PAUSE = 5000;
const LONGEST_PAUSE = 60_000;
const PAUSE_PER_WORK = 5; // an answer that took a second is asked for again after five

const WORDS = {
    live: "Live",
    paused: "Paused",
    trouble: "Not up to date",
    locked: "Locked",
    refused: "Nothing is asked for",
};

const dot = document.getElementById("live-dot");
const text = document.getElementById("live-text");
const button = document.getElementById("pause");
const banner = document.getElementById("banner");

const jittered = (pause) => pause * (0.9 + Math.random() * 0.2);

/**
 * `round(signal, asked)` asks for everything and gives the errors that happened; null where nothing
 * can be asked for before somebody changes it.
 */
export function live(round) {
    let controller = null;
    let timer = 0;
    let ticker = 0;
    let failures = 0;
    let paused = false;
    let locked = false;
    let refused = false;
    let updated = null;

    function show() {
        const modes = { refused, trouble: failures > 0, locked, paused, live: true };
        const mode = Object.keys(modes).find((name) => modes[name]);
        dot.dataset.mode = mode;
        const at = updated && !refused ? ` · updated ${clockSeconds(updated)}` : "";
        text.textContent = `${WORDS[mode]}${at}`;
        button.textContent = paused ? "Resume" : "Pause";
        button.setAttribute("aria-pressed", String(paused));
    }

    function stop() {
        controller?.abort();
        clearTimeout(timer);
        clearInterval(ticker);
    }

    function again(pause) {
        if (document.hidden || (paused && failures === 0)) return;
        timer = setTimeout(() => run(false), pause);
    }

    /** The message stands still for screen readers; only the button counts down. */
    function report(errors, pause) {
        const messages = [...new Set(errors.map((error) => error.message))];
        const due = Date.now() + pause;
        const retry = Object.assign(document.createElement("button"), {
            type: "button",
            className: "button",
        });
        const tick = () => {
            retry.textContent = `Try now (${Math.max(0, Math.ceil((due - Date.now()) / 1000))} s)`;
        };
        tick();
        ticker = setInterval(tick, 1000);
        retry.addEventListener("click", () => run(true));
        if (banner.hidden || banner.firstChild?.textContent !== messages.join(" ")) {
            const words = Object.assign(document.createElement("span"), {
                textContent: messages.join(" "),
            });
            banner.replaceChildren(words, retry);
        } else {
            banner.replaceChild(retry, banner.lastChild);
        }
        banner.hidden = false;
    }

    async function run(asked) {
        stop();
        const mine = (controller = new AbortController());
        const started = performance.now();
        const errors = await round(mine.signal, asked);
        if (mine.signal.aborted) return;
        refused = errors === null;
        if (refused) {
            failures = 0;
            banner.hidden = true;
            show();
            return;
        }
        const passing = errors.filter((error) => error.retryAfter > 0);
        failures = passing.length > 0 ? failures + 1 : 0;
        locked = isLocked(errors);
        if (locked && passing.length === 0) {
            banner.hidden = true; // nothing changes until somebody enters a token
        } else if (passing.length === 0) {
            updated = Date.now();
            banner.hidden = true;
            const rest = PAUSE_PER_WORK * (performance.now() - started);
            again(jittered(Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, rest))));
        } else {
            const asTold = Math.max(...passing.map((error) => error.retryAfter));
            const backedOff = Math.min(LONGEST_PAUSE, 1000 * 2 ** failures);
            const pause = jittered(Math.max(asTold, backedOff));
            report(passing, pause);
            again(pause);
        }
        show();
    }

    button.addEventListener("click", () => {
        paused = !paused;
        show();
        if (paused && failures === 0) clearTimeout(timer);
        else run(false);
    });
    document.addEventListener("visibilitychange", () => {
        if (document.hidden) stop();
        else if (!paused || failures > 0) run(false);
    });

    return { now: () => run(true) };
}
