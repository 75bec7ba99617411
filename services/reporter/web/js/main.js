// The page: a state in the address, a form that changes it, cards that show it.

import { isLocked } from "./api.js";
import { userBars } from "./bars.js";
import { campaignTable } from "./campaigns.js";
import { serveCsvLinks } from "./cards.js";
import { isKnown, learnCatalogue, whatIsKnown } from "./catalogue.js";
import { onChips, showChips } from "./chips.js";
import { onControls, showState, suggest } from "./controls.js";
import { door } from "./door.js";
import { eventsChart } from "./events-chart.js";
import { revenueChart, usersChart } from "./figure-chart.js";
import { windowName } from "./format.js";
import { live } from "./live.js";
import { intervalOf, STEPS, windowOf, withFittingInterval } from "./ranges.js";
import { TIME_ZONE } from "./reports.js";
import { askAll, failAll } from "./round.js";
import { consistent, readAddress, toAddress } from "./state.js";
import { showKept, showTotals, totalsSentence } from "./totals.js";

const byId = (id) => document.getElementById(id);

let state = readAddress(location.search);
let interval = "day";

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

/** The free texts that an answer's groups have values of. */
const OFFERED = { country: "country", city: "city", campaigns: "campaignId" };

function show(name, answer, drawable) {
    showTotals(name, answer);
    if (name === "events") showKept(answer);
    if (drawable) draw[name](answer, state);
    const offered = OFFERED[name];
    if (offered) suggest(offered, answer);
}

/** Once, before the first figures: what is chosen may not be there. Gives the errors. */
async function learn(signal) {
    try {
        await learnCatalogue(signal);
    } catch (error) {
        return signal.aborted ? [] : [failAll(error)];
    }
    state = consistent(state);
    showState(state);
    showChips(state);
    byId("known").textContent = whatIsKnown();
    return [];
}

async function round(signal, asked) {
    const unknown = isKnown() ? [] : await learn(signal);
    if (!isKnown()) {
        if (!signal.aborted) showDoor(isLocked(unknown));
        return unknown;
    }
    const now = Date.now();
    const window = windowOf(state, now);
    interval = intervalOf(state, window, now);
    byId("window").textContent = windowName(window);
    byId("zone").textContent = TIME_ZONE;
    const errors = await askAll({ state, window, interval, signal }, asked, show);
    if (!signal.aborted) showDoor(isLocked(errors));
    if (asked && !signal.aborted && errors.length === 0)
        byId("announcer").textContent = totalsSentence();
    return errors;
}

const refresh = live(round);
const showDoor = door(refresh.now);

function change(next, { push = true } = {}) {
    state = withFittingInterval(next, Date.now());
    if (push) history.pushState(null, "", toAddress(state));
    showState(state);
    showChips(state);
    refresh.now();
}

onControls(() => state, change);
onChips(choose);
serveCsvLinks((error) => {
    byId("announcer").textContent = error.message;
});
addEventListener("popstate", () => change(readAddress(location.search), { push: false }));
change(state, { push: false });
