// What every card has: its state (loading, fresh, failed), and its CSV.

import { fetchCsv } from "./api.js";

const cards = [...document.querySelectorAll("[data-report]")];
const of = (report) => cards.filter((card) => card.dataset.report === report);

/** Somebody has changed the question: what is shown is of the former one. */
export function expectAnswers() {
    for (const card of cards) card.setAttribute("aria-busy", "true");
}

/** The round begins. `asked`: the user waits for it; a refresh by the clock shows no waiting. */
export function begin(report, address, asked) {
    for (const card of of(report)) {
        card.dataset.address = address;
        if (asked) card.setAttribute("aria-busy", "true");
        const link = card.querySelector(".csv");
        if (link) link.href = address;
    }
}

/** The answer is shown; with a message instead of figures where there is nothing to show. */
export function done(report, message = "") {
    for (const card of of(report)) {
        card.removeAttribute("aria-busy");
        delete card.dataset.failed;
        delete card.dataset.stale;
        card.dataset.filled = "";
        say(card, message, message !== "");
    }
}

/**
 * While trying again may help, what is there stays, dimmed. A card without any figures, and one
 * whose question can't be answered, says why.
 */
export function fail(report, error) {
    for (const card of of(report)) {
        card.removeAttribute("aria-busy");
        card.dataset.failed = "";
        if (error.retryAfter === 0) forget(card);
        const keeps = "filled" in card.dataset;
        if (keeps) card.dataset.stale = "";
        if (!keeps || error.retryAfter === 0) say(card, error.message, true);
    }
}

/** Figures of another question, or for those with a token; a chart is hidden behind its message. */
function forget(card) {
    delete card.dataset.filled;
    for (const figure of card.querySelectorAll(".figure")) figure.textContent = "";
}

function say(card, text, instead) {
    const message = card.querySelector(".message");
    if (!message) return;
    message.hidden = !instead;
    if (instead) message.textContent = text;
    card.querySelector(".body").hidden = instead;
}

async function download(link, report) {
    const text = await fetchCsv(link.href);
    const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    const anchor = document.createElement("a");
    anchor.href = url;
    anchor.download = `${report}.csv`;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** A plain link would ask for JSON: a browser can't be told what to accept. */
export function serveCsvLinks(onError) {
    for (const card of cards) {
        const link = card.querySelector(".csv");
        link?.addEventListener("click", (event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            download(link, card.dataset.report).catch(onError);
        });
    }
}
