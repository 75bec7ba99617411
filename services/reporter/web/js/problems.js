// What can't be asked for, and where it stands: an address can be edited by hand, and a field says
// what somebody typed.

import { boundsOf, choicesOf, isKnown, sources, typesOf } from "./catalogue.js";
import { isRange, STEPS } from "./ranges.js";
import { TEXTS } from "./values.js";

/** What a time field says that has a date without a time, or a part of one. */
export const INCOMPLETE = "incomplete";

const MOST_BYTES = 1024;

const STAGES = [{ name: "top" }, { name: "bottom" }];
const INTERVALS = ["auto", ...Object.keys(STEPS)].map((name) => ({ name }));

const NUMBERS = ["age", "followers"];

const whole = new Intl.NumberFormat();

function timeProblem(text) {
    if (text === INCOMPLETE) return "The date and the time must be complete.";
    return text !== "" && Number.isNaN(Date.parse(text)) ? `“${text}” is not a time.` : "";
}

function choiceProblem(value, choices, what) {
    const known = value === "" || choices.some(({ name }) => name === value);
    return known ? "" : `“${value}” is not ${what}.`;
}

function numberProblem(text, { minimum = "0", maximum = "" }) {
    if (text === "") return "";
    const bounds = maximum
        ? `from ${whole.format(BigInt(minimum))} to ${whole.format(BigInt(maximum))}`
        : "";
    if (!/^\d{1,30}$/.test(text)) return `“${text}” must be a whole number ${bounds}.`;
    const outside = maximum && (BigInt(text) > BigInt(maximum) || BigInt(text) < BigInt(minimum));
    return outside ? `Must be ${bounds}.` : "";
}

function textProblem(text) {
    if (text.includes("\0")) return "Must be text.";
    const bytes = new TextEncoder().encode(text).length;
    return bytes > MOST_BYTES ? `Must have at most ${whole.format(MOST_BYTES)} bytes.` : "";
}

function timeProblems(state) {
    if (!isRange(state.range)) return [["range", `“${state.range}” is not a time range.`]];
    if (state.range !== "custom") return [];
    const from = timeProblem(state.from);
    const to = timeProblem(state.to);
    const isReversed =
        !from && !to && state.from && state.to && Date.parse(state.to) <= Date.parse(state.from);
    return [
        ["from", from],
        ["to", isReversed ? "Must be later than the beginning." : to],
    ];
}

function choiceProblems(state) {
    const { source, funnelStage } = state;
    const found = [
        ["interval", choiceProblem(state.interval, INTERVALS, "a length of bars")],
        ["funnelStage", choiceProblem(funnelStage, STAGES, "a stage of the funnel")],
    ];
    if (!isKnown()) return found;
    const sourceProblem = choiceProblem(source, sources(), "a source");
    const of = sourceProblem ? "" : source;
    const stage = found[1][1] ? "" : funnelStage;
    const chosen = of || stage ? " of what is chosen" : "";
    return [
        ...found,
        ["source", sourceProblem],
        ["eventType", choiceProblem(state.eventType, typesOf(of, stage), `an event type${chosen}`)],
        ["device", choiceProblem(state.device, choicesOf("device", of), `a device${chosen}`)],
        ["gender", choiceProblem(state.gender, choicesOf("gender", of), `a gender${chosen}`)],
    ];
}

function numberProblems(state, stem) {
    const [min, max] = [state[`${stem}Min`], state[`${stem}Max`]];
    const problems = [min, max].map((text) => numberProblem(text, boundsOf(stem)));
    const isBackwards =
        min && max && problems.every((problem) => !problem) && BigInt(max) < BigInt(min);
    if (isBackwards) problems[1] = `Must not be less than ${whole.format(BigInt(min))}.`;
    return [
        [`${stem}Min`, problems[0]],
        [`${stem}Max`, problems[1]],
    ];
}

/** A Map from the names of fields to what is wrong with them, in words; empty where nothing is. */
export function problemsOf(state) {
    const all = [
        ...timeProblems(state),
        ...choiceProblems(state),
        ...NUMBERS.flatMap((stem) => numberProblems(state, stem)),
        ...TEXTS.map((name) => [name, textProblem(state[name])]),
    ];
    return new Map(all.filter(([, problem]) => problem));
}
