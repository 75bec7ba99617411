// Asks for a token while the reporter shows its figures to nobody without one.

import { forgetToken, hasToken, keepToken } from "./token.js";

const form = document.getElementById("door");
const input = document.getElementById("token");
const message = document.getElementById("door-message");

const ASK = "This reporter shows its figures to those with a token.";
const WRONG = "The reporter does not know this token.";

/** `enter()` is called with a new token kept. Gives `show(closed)`, for each round's outcome. */
export function door(enter) {
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        const known = keepToken(input.value.trim());
        input.value = "";
        if (known) enter();
        else message.textContent = WRONG;
    });

    return (closed) => {
        if (closed) message.textContent = hasToken() ? WRONG : ASK;
        if (closed) forgetToken();
        const opens = closed && form.hidden;
        form.hidden = !closed;
        if (opens) input.focus();
    };
}
