// A few events that are far from all others would make one bar of the others: "All" leaves them
// out, says so, and offers them.

import { make, replaceIfChanged } from "./dom.js";
import { dayOrMoment } from "./format.js";
import { rangeOf } from "./ranges.js";

const note = document.getElementById("left-out");
const whole = new Intl.NumberFormat();

export function showLeftOut(state, extent) {
    const leftOut = rangeOf(state, Date.now(), extent) === "all" && extent?.leftOut;
    note.hidden = !leftOut;
    if (!leftOut) return;
    const { count, before } = leftOut;
    const one = count === 1;
    const who = `${whole.format(count)} ${one ? "event" : "events"} before ${dayOrMoment(before)}`;
    const isShown = state.outliers === "show";
    const words = isShown
        ? `${who} ${one ? "is" : "are"} far from all others.`
        : `${who} ${one ? "is" : "are"} left out.`;
    const them = one ? "it" : "them";
    const label = isShown ? `Leave ${them} out` : `Show ${them}`;
    const button = make("button", { type: "button", className: "offer" }, label);
    button.dataset.value = "outliers"; // it keeps the focus
    button.value = isShown ? "" : "show";
    replaceIfChanged(note, [`${words} `, button]);
}

export function onLeftOut(choose) {
    note.addEventListener("click", ({ target }) => {
        if (target.matches("button")) choose({ range: "all", outliers: target.value });
    });
}
