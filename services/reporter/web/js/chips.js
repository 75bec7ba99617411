// The active filters in words; a click on one removes it.

import { choiceLabel, sourceLabel, typeLabel } from "./catalogue.js";
import { make, replaceIfChanged } from "./dom.js";
import { activeFilters, FILTERS } from "./state.js";

const list = document.getElementById("chips");

const WORDS = {
    source: (value) => `Source: ${sourceLabel(value)}`,
    funnelStage: (value) => `Funnel: ${value}`,
    eventType: (value) => `Type: ${typeLabel(value)}`,
    campaignId: (value) => `Campaign: ${value}`,
    gender: (value) => `Gender: ${value}`,
    ageMin: (value) => `Age from ${value}`,
    ageMax: (value) => `Age to ${value}`,
    country: (value) => `Country: ${value}`,
    city: (value) => `City: ${value}`,
    device: (value) => `Device: ${choiceLabel("device", value)}`,
    followersMin: (value) => `Followers from ${value}`,
    followersMax: (value) => `Followers to ${value}`,
};

export function showChips(state) {
    const names = activeFilters(state);
    const chips = names.map((name) => {
        const chip = make(
            "button",
            { type: "button", className: "chip" },
            WORDS[name](state[name]),
        );
        chip.dataset.value = name;
        chip.setAttribute("aria-label", `Remove filter ${WORDS[name](state[name])}`);
        return make("li", {}, chip);
    });
    if (names.length > 1) {
        const clear = make("button", { type: "button", className: "chip clear" }, "Clear all");
        clear.dataset.value = "*";
        chips.push(make("li", {}, clear));
    }
    const hadFocus = list.contains(document.activeElement);
    list.hidden = names.length === 0;
    replaceIfChanged(list, chips);
    if (hadFocus && !list.contains(document.activeElement)) {
        (list.querySelector("button") ?? document.querySelector("#filters summary")).focus();
    }
}

export function onChips(choose) {
    list.addEventListener("click", (event) => {
        const name = event.target.closest("button")?.dataset.value;
        if (!name) return;
        const names = name === "*" ? FILTERS : [name];
        choose(Object.fromEntries(names.map((each) => [each, ""])));
    });
}
