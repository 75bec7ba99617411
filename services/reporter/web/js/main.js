// The page: a state in the address, a form that changes it, cards that show it.

import { isLocked } from "./api.js";
import { userBars } from "./bars.js";
import { campaignTable } from "./campaigns.js";
import { expectAnswers, serveCsvLinks } from "./cards.js";
import { isKnown, learnCatalogue, whatIsKnown } from "./catalogue.js";
import { onChips, showChips } from "./chips.js";
import { onControls, showRange, showState } from "./controls.js";
import { door } from "./door.js";
import { eventsChart } from "./events-chart.js";
import { extent, learnExtent } from "./extent.js";
import { revenueChart, usersChart } from "./figure-chart.js";
import { windowName } from "./format.js";
import { onLeftOut, showLeftOut } from "./left-out.js";
import { live } from "./live.js";
import { onNotes, showNotes } from "./notes.js";
import { problemsOf } from "./problems.js";
import { intervalOf, STEPS, windowOf, withEndsOf, withFittingInterval } from "./ranges.js";
import { TIME_ZONE } from "./reports.js";
import { askAll, failAll } from "./round.js";
import { consistent, readAddress, toAddress } from "./state.js";
import { showKept, showTotals, totalsSentence } from "./totals.js";
import { hintsOf, learnValues, withKnownSpelling } from "./values.js";

const byId = (id) => document.getElementById(id);

let state = readAddress(location.search);
let interval = "day";
let shownWindow = null;
let isNew = true; // the question; a round that was aborted leaves it so

const step = () => STEPS[interval];
const choose = (patch) => change(consistent({ ...state, ...patch }));
const zoom = (from, to) =>
    choose({ range: "custom", from: new Date(from).toISOString(), to: new Date(to).toISOString() });
const bars = (name) =>
    userBars(document.querySelector(`[data-report="${name}"] .body`), name, choose);

const draw = {
    events: eventsChart(byId("events-chart"), step, zoom),
    revenue: revenueChart(byId("revenue-chart"), step, zoom),
    campaigns: campaignTable(byId("campaign-table"), choose),
    users: usersChart(byId("users-chart"), step, zoom),
    gender: bars("gender"),
    ageGroup: bars("ageGroup"),
    country: bars("country"),
    city: bars("city"),
    device: bars("device"),
    followersGroup: bars("followersGroup"),
};

function show(name, answer, drawable) {
    showTotals(name, answer);
    if (name === "events") showKept(answer);
    if (drawable) draw[name](answer, state);
}

function showQuestion() {
    showState(state, extent());
    showChips(state);
    showNotes(problemsOf(state), hintsOf(state));
}

/** Once, before the first figures: what is chosen may not be there. Gives the errors. */
async function learn(signal) {
    try {
        await learnCatalogue(signal);
    } catch (error) {
        return signal.aborted ? [] : [failAll(error)];
    }
    byId("known").textContent = whatIsKnown();
    return [];
}

/** What a question that has no problems depends on: how values are spelled, and what there is. */
async function prepare(signal) {
    if (isNew) await learnValues(state, signal);
    if (signal.aborted) return;
    const spelled = withKnownSpelling(state);
    await learnExtent(spelled, isNew, signal);
    if (signal.aborted) return;
    const before = toAddress(state);
    state = withFittingInterval(spelled, Date.now(), extent());
    if (toAddress(state) !== before) history.replaceState(null, "", toAddress(state));
    if (isNew) showQuestion();
    else showRange(state, extent());
    isNew = false;
}

async function round(signal, asked) {
    const unknown = isKnown() ? [] : await learn(signal);
    if (!isKnown()) {
        if (!signal.aborted) showDoor(isLocked(unknown));
        return unknown;
    }
    isNew ||= asked;
    if (isNew) showQuestion();
    if (problemsOf(state).size > 0) return null;
    if (isNew) expectAnswers();
    await prepare(signal);
    if (signal.aborted) return [];
    const now = Date.now();
    const window = windowOf(state, now, extent());
    shownWindow = window;
    interval = intervalOf(state, window, now, extent());
    byId("window").textContent = windowName(window);
    byId("zone").textContent = TIME_ZONE;
    showLeftOut(state, extent());
    const errors = await askAll({ state, window, interval, signal }, asked, show);
    if (!signal.aborted) showDoor(isLocked(errors));
    if (asked && !signal.aborted && errors.length === 0)
        byId("announcer").textContent = totalsSentence();
    return errors;
}

const refresh = live(round);
const showDoor = door(refresh.now);

/** Only what can be asked for is a step in the history. */
function change(next, { push = true } = {}) {
    const now = Date.now();
    const begun = state.range === "custom" ? next : withEndsOf(shownWindow, next, now, extent());
    state = withFittingInterval(begun, now, extent());
    const address = new URL(toAddress(state), document.baseURI).href;
    if (push && address !== location.href && problemsOf(state).size === 0)
        history.pushState(null, "", address);
    isNew = true;
    showQuestion();
    refresh.now();
}

onControls(() => state, change, showQuestion);
onChips(choose);
onNotes(choose);
onLeftOut(choose);
serveCsvLinks((error) => {
    byId("announcer").textContent = error.message;
});
addEventListener("popstate", () => change(readAddress(location.search), { push: false }));
change(state, { push: false });
