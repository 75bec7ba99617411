// The form: from the state to its fields and back.

import { boundsOf, choicesOf, sources, typesOf } from "./catalogue.js";
import { make } from "./dom.js";
import { fits, fromLocalField, STEPS, toLocalField, windowOf } from "./ranges.js";
import { activeFilters, consistent, DEFAULTS } from "./state.js";

const form = document.getElementById("controls");
const fields = form.elements;
const filters = document.getElementById("filters");
const count = document.getElementById("filter-count");
const customRange = document.getElementById("custom-range");
const customHint = document.getElementById("custom-hint");

const TYPING_PAUSE = 500; // ms after the last key before a text counts
const TIMES = ["from", "to"];
const NUMBERS = ["age", "followers"];
const RADIOS = ["range", "source"];

const radios = (name) => [...form.querySelectorAll(`input[name="${name}"]`)];

/** What a field says; of radio buttons the one that is chosen. */
const valueOf = (name) =>
    (RADIOS.includes(name) ? radios(name).find((radio) => radio.checked) : fields[name])?.value ??
    "";

function setValue(name, value) {
    if (!RADIOS.includes(name)) fields[name].value = value;
    for (const radio of RADIOS.includes(name) ? radios(name) : [])
        radio.checked = radio.value === value;
}

/** What is chosen stays a choice while the catalogue is not known yet. */
const withChosen = (entries, value) =>
    value === "" || entries.some(({ name }) => name === value)
        ? entries
        : [...entries, { name: value, label: value }];

/** Radio buttons that are there already keep the focus. */
function setSources(entries, value) {
    const all = { name: "", label: entries.length === 2 ? "Both" : "All" };
    const wanted = [all, ...withChosen(entries, value)];
    const made = radios("source").map((radio) => radio.value);
    if (made.join() !== wanted.map(({ name }) => name).join()) {
        const labels = wanted.map(({ name, label }) => {
            const radio = make("input", { type: "radio", name: "source", value: name });
            return make("label", {}, radio, make("span", {}, label));
        });
        const fieldset = document.getElementById("source");
        fieldset.replaceChildren(fieldset.querySelector("legend"), ...labels);
    }
    setValue("source", value);
}

function setOptions(select, entries, value) {
    const options = withChosen(entries, value).map(({ name, label }) => make("option", { value: name }, label));
    select.replaceChildren(make("option", { value: "" }, "Any"), ...options);
    select.value = value;
}

/** Those behind the fold; the source always shows. */
const filtersIn = (state) => activeFilters(state).filter((name) => name !== "source");

function showIntervals(state) {
    const now = Date.now();
    const window = windowOf(state, now);
    for (const option of fields.interval.options) {
        option.disabled = option.value in STEPS && !fits(window, option.value, now);
    }
}

/** A number that the reporter would refuse is not asked for. */
function showBounds(name) {
    const { minimum = "", maximum = "" } = boundsOf(name);
    for (const end of ["Min", "Max"]) {
        Object.assign(fields[name + end], { min: minimum, max: maximum });
    }
}

/** Writes a state into the form. A field that somebody is typing in is left alone. */
export function showState(state) {
    const titles = sources().map(({ name, title }) => ({ name, label: title }));
    setSources(titles, state.source);
    for (const name of Object.keys(DEFAULTS)) {
        const field = fields[name];
        if (field === document.activeElement && field.type !== "select-one") continue;
        if (!TIMES.includes(name)) setValue(name, state[name]);
        // Equal to the minute: the seconds that the field does not have stay in the state.
        else if (field.value !== toLocalField(state[name])) field.value = toLocalField(state[name]);
    }
    setOptions(fields.eventType, typesOf(state.source, state.funnelStage), state.eventType);
    for (const name of ["device", "gender"])
        setOptions(fields[name], choicesOf(name, state.source), state[name]);
    for (const name of NUMBERS) showBounds(name);
    customRange.hidden = state.range !== "custom";
    showIntervals(state);
    const active = filtersIn(state).length;
    count.textContent = active;
    count.hidden = active === 0;
}

function readTime(name, state) {
    const { value } = fields[name];
    return value === toLocalField(state[name]) ? state[name] : fromLocalField(value);
}

/** What the form says now; null while it says nothing that could be asked for. */
function read(state) {
    const next = { ...state };
    for (const name of Object.keys(DEFAULTS)) {
        next[name] = TIMES.includes(name) ? readTime(name, state) : valueOf(name).trim();
    }
    const reversed = next.range === "custom" && next.from && next.to && next.from >= next.to;
    customHint.textContent = reversed
        ? "The end must be later than the beginning."
        : "Your time zone; an empty end is open.";
    const backwards = NUMBERS.some((stem) => {
        const [min, max] = [fields[`${stem}Min`], fields[`${stem}Max`]];
        const wrong = min.value !== "" && max.value !== "" && Number(max.value) < Number(min.value);
        max.setCustomValidity(wrong ? "This must not be less than the field before it." : "");
        return wrong;
    });
    return reversed || backwards || !form.checkValidity() ? null : consistent(next);
}

/** Calls `change(state)` for what the user sets; `current()` is the state before. */
export function onControls(current, change) {
    let timer = 0;
    const apply = () => {
        clearTimeout(timer);
        const next = read(current());
        if (next && JSON.stringify(next) !== JSON.stringify(current())) change(next);
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
    filters.open = filtersIn(current()).length > 0 && !matchMedia("(max-width: 720px)").matches;
}

/** Offers for a free text what the answers' groups have shown so far. */
export function suggest(name, { groups }) {
    const { list } = fields[name];
    const known = new Set([...list.options].map((option) => option.value));
    for (const { [name]: value } of groups) {
        if (value && !known.has(value)) list.append(make("option", { value }));
    }
}
