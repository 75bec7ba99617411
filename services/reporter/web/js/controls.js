// The form: from the state to its fields and back.

import { choicesOf, sources, typesOf } from "./catalogue.js";
import { make } from "./dom.js";
import { INCOMPLETE } from "./problems.js";
import { fits, fromLocalField, isRange, rangeOf, STEPS, toLocalField, windowOf } from "./ranges.js";
import { activeFilters, consistent, DEFAULTS } from "./state.js";
import { knownSpelling, offerValues, TEXTS } from "./values.js";

const form = document.getElementById("controls");
const fields = form.elements;
const filters = document.getElementById("filters");
const count = document.getElementById("filter-count");
const customRange = document.getElementById("custom-range");

const TYPING_PAUSE = 500; // ms after the last key before a text counts
const TIMES = ["from", "to"];
const RADIOS = ["range", "source"];
const NAMES = Object.keys(DEFAULTS).filter((name) => name !== "outliers");

let shownRange = ""; // it may be one that nobody has chosen

const radios = (name) => [...form.querySelectorAll(`input[name="${name}"]`)];

const checked = (name) => radios(name).find((radio) => radio.checked)?.value;

function setValue(name, value) {
    if (!RADIOS.includes(name)) fields[name].value = value;
    for (const radio of RADIOS.includes(name) ? radios(name) : [])
        radio.checked = radio.value === value;
}

/** What is chosen stays a choice: while the catalogue is not known yet, and where it is refused. */
const withChosen = (entries, value) =>
    value === "" || entries.some(({ name }) => name === value)
        ? entries
        : [...entries, { name: value, label: value }];

/** Radio buttons that are there already keep the focus. */
function setSources(entries, value) {
    const all = { name: "", label: entries.length === 2 ? "Both" : "All" };
    const wanted = [all, ...withChosen(entries, value)];
    const made = radios("source").map((radio) => radio.value);
    const fieldset = document.getElementById("source");
    if (made.join() !== wanted.map(({ name }) => name).join()) {
        const labels = wanted.map(({ name, label }) => {
            const radio = make("input", { type: "radio", name: "source", value: name });
            return make("label", {}, radio, make("span", {}, label));
        });
        for (const label of fieldset.querySelectorAll("label")) label.remove();
        fieldset.querySelector("legend").after(...labels);
    }
    setValue("source", value);
}

function setOptions(select, entries, value) {
    const options = withChosen(entries, value).map(({ name, label }) =>
        make("option", { value: name }, label),
    );
    select.replaceChildren(make("option", { value: "" }, "Any"), ...options);
    select.value = value;
}

/** Those behind the fold; the source always shows. */
const filtersIn = (state) => activeFilters(state).filter((name) => name !== "source");

function showIntervals(state, extent) {
    const now = Date.now();
    const window = isRange(state.range) ? windowOf(state, now, extent) : null;
    for (const option of fields.interval.options) {
        option.disabled =
            window !== null && option.value in STEPS && !fits(window, option.value, now, extent);
    }
}

/** The time moves on, so a range that nobody has chosen may be another one. */
export function showRange(state, extent) {
    shownRange = rangeOf(state, Date.now(), extent);
    setValue("range", shownRange);
    customRange.hidden = state.range !== "custom";
}

/** Writes a state into the form. A field that somebody is typing in is left alone. */
export function showState(state, extent) {
    const titles = sources().map(({ name, title }) => ({ name, label: title }));
    setSources(titles, state.source);
    showRange(state, extent);
    for (const name of NAMES.filter((each) => !RADIOS.includes(each))) {
        const field = fields[name];
        if (field === document.activeElement && field.type !== "select-one") continue;
        if (!TIMES.includes(name)) field.value = state[name];
        // Equal to the minute: the seconds that the field does not have stay in the state.
        else if (field.value !== toLocalField(state[name])) field.value = toLocalField(state[name]);
    }
    setOptions(fields.eventType, typesOf(state.source, state.funnelStage), state.eventType);
    for (const name of ["device", "gender"])
        setOptions(fields[name], choicesOf(name, state.source), state[name]);
    showIntervals(state, extent);
    const active = filtersIn(state).length;
    count.textContent = active;
    count.hidden = active === 0;
}

function readTime(name, state) {
    const { value, validity } = fields[name];
    if (validity.badInput) return INCOMPLETE;
    return value === toLocalField(state[name]) ? state[name] : fromLocalField(value);
}

/** What a field says; the state's own value where that has no place in it. */
function readField(name, state) {
    if (name === "range") {
        const range = checked(name) ?? shownRange;
        return range === shownRange ? state.range : range;
    }
    if (name === "source") return checked(name) ?? state.source;
    if (TIMES.includes(name)) return readTime(name, state);
    const field = fields[name];
    if (field.type === "select-one") return field.selectedIndex < 0 ? state[name] : field.value;
    const text = field.value.trim();
    return TEXTS.includes(name) ? knownSpelling(name, text) : text;
}

const read = (state) =>
    consistent({
        ...state,
        ...Object.fromEntries(NAMES.map((name) => [name, readField(name, state)])),
    });

/**
 * Calls `change(state)` for what the user sets, right or wrong; `current()` is the state before,
 * `show()` writes it into the form.
 */
export function onControls(current, change, show) {
    let timer = 0;
    const apply = () => {
        clearTimeout(timer);
        const next = read(current());
        if (JSON.stringify(next) !== JSON.stringify(current())) change(next);
    };
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", apply);
    form.addEventListener("input", (event) => {
        if (!event.target.matches("input:not([type=radio])")) return;
        clearTimeout(timer);
        timer = setTimeout(apply, TYPING_PAUSE);
    });
    form.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && event.target.matches("input")) apply();
    });
    // The spelling of what is stored, or nothing but blanks.
    form.addEventListener("focusout", ({ target }) => {
        if (target.matches("input:not([type=radio])")) setTimeout(show);
    });
    offerValues(form);
    filters.open = filtersIn(current()).length > 0 && !matchMedia("(max-width: 720px)").matches;
}
