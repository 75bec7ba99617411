// What is said beside a field: what is wrong with it, or what there is instead of its value.

import { make } from "./dom.js";
import { DEFAULTS } from "./state.js";

const form = document.getElementById("controls");
const filters = document.getElementById("filters");
const refusal = document.getElementById("refusal");
const figures = document.getElementById("figures");

function boxOf(field) {
    const whole = field.closest(".pair") ?? field.closest(".field");
    if (whole.parentElement.matches(".control")) return whole.parentElement;
    const box = make("div", { className: "control" });
    whole.replaceWith(box);
    box.append(whole);
    return box;
}

const textOf = (element) => element.firstChild.textContent.trim();

function labelOf(field) {
    const pair = field.closest(".pair");
    const text = textOf(field.closest(".field"));
    return pair && text === "to" ? `${pair.getAttribute("aria-label")} to` : text;
}

function placeOf(name) {
    const note = make("p", { id: `note-${name}`, className: "note", hidden: true });
    const group = form.querySelector(`fieldset#${name}`);
    if (group) {
        const label = group.querySelector("legend").textContent;
        group.setAttribute("role", "radiogroup");
        group.setAttribute("aria-label", label);
        group.append(note);
        return { control: group, note, label };
    }
    const control = form.elements[name];
    boxOf(control).append(note);
    return { control, note, label: labelOf(control) };
}

/** { control, note, label } by the field's name; radio buttons are one control. */
const places = new Map(
    Object.keys(DEFAULTS)
        .filter((name) => form.querySelector(`[name="${name}"], #${name}`))
        .map((name) => [name, placeOf(name)]),
);

function fill({ control, note }, problem, hint) {
    const offers = hint ? hint.offers : [];
    const buttons = offers.map((value) =>
        make("button", { type: "button", className: "offer", value }, value),
    );
    const words = problem || hint?.text || "";
    const question = offers.length > 0 ? [" Did you mean ", ...alternatives(buttons), "?"] : [];
    note.hidden = words === "" && offers.length === 0;
    note.classList.toggle("problem", Boolean(problem));
    const text = [words, ...question.map((part) => part.textContent ?? part)].join("");
    if (note.textContent !== text) note.replaceChildren(words, ...question);
    if (problem) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    if (note.hidden) control.removeAttribute("aria-describedby");
    else control.setAttribute("aria-describedby", note.id);
}

/** Elements with "or" between them. */
const alternatives = (elements) =>
    elements.flatMap((element, index) => (index === 0 ? [element] : [" or ", element]));

/** Figures of a question that can't be asked would stand under words that are not theirs. */
function refuse(problems) {
    figures.toggleAttribute("data-refused", problems.size > 0);
    refusal.hidden = problems.size === 0;
    const parts = [...problems].map(([name, problem]) => {
        const { label } = places.get(name);
        const jump = make("button", { type: "button", className: "jump", value: name }, label);
        return make("li", {}, jump, `: ${problem}`);
    });
    const list = make("ul", {}, ...parts);
    if (refusal.querySelector("ul").innerHTML !== list.innerHTML)
        refusal.querySelector("ul").replaceWith(list);
}

/** Takes problemsOf() and hintsOf() of the state. */
export function showNotes(problems, hints) {
    for (const [name, place] of places)
        fill(place, problems.get(name) ?? "", problems.has(name) ? null : hints.get(name));
    const behindTheFold = [...problems.keys()].some((name) =>
        filters.contains(places.get(name).control),
    );
    if (behindTheFold) filters.open = true;
    refuse(problems);
}

/** `choose(patch)` is called when somebody takes an offer. */
export function onNotes(choose) {
    form.addEventListener("click", ({ target }) => {
        if (!target.matches(".offer")) return;
        const note = target.closest(".note");
        const name = note.id.replace("note-", "");
        places.get(name).control.focus();
        choose({ [name]: target.value });
    });
    refusal.addEventListener("click", ({ target }) => {
        if (!target.matches(".jump")) return;
        const { control } = places.get(target.value);
        if (filters.contains(control)) filters.open = true;
        const field = control.matches("fieldset") ? control.querySelector("input") : control;
        field.focus();
    });
}
