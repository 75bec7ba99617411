// What sources, event types and values of filters there are, as the reporter tells. It is asked
// once; until then nothing is known, and nothing is taken for wrong.

import { fetchReport } from "./api.js";

const NOTHING = { sources: [], eventTypes: [], dimensions: [] };

let catalogue = NOTHING;

/** The end of the funnel first, since its changes matter most and a flat base shows them best, and
    there what brings revenue. */
const place = (type) => (type.funnelStage === "bottom" ? 0 : 2) + (type.hasRevenue ? 0 : 1);

export const isKnown = () => catalogue !== NOTHING;

/** Throws as fetchReport() does. */
export async function learnCatalogue(signal) {
    const answer = await fetchReport("reports/catalogue", signal);
    const eventTypes = [...answer.eventTypes].sort((one, other) => place(one) - place(other));
    catalogue = { ...answer, eventTypes };
}

export const sources = () => catalogue.sources;

const titleOf = (name) => sources().find((source) => source.name === name)?.title ?? name;

const isOf = (entry, source) => !source || entry.sources.includes(source);

/** The types that a source and a stage ("" for any) leave over, in the order of stacking. */
export const typesOf = (source, stage) =>
    catalogue.eventTypes.filter(
        (type) => isOf(type, source) && (!stage || type.funnelStage === stage),
    );

const dimension = (name) =>
    catalogue.dimensions.find((candidate) => candidate.name === name) ?? { choices: [] };

/** The values that a filter can have with a source ("" for any), labelled. */
export function choicesOf(name, source) {
    const { knownOf = [], choices = [] } = dimension(name);
    return choices
        .filter((choice) => isOf(choice, source))
        .map((choice) => ({
            name: choice.name,
            label:
                knownOf.length > 1
                    ? `${choice.label} (${choice.sources.map(titleOf).join(", ")})`
                    : choice.label,
        }));
}

/** A number's { minimum, maximum }, as text. */
export const boundsOf = dimension;

const labelIn = (list, name) => list.find((entry) => entry.name === name)?.label ?? name;

export const sourceLabel = titleOf;
export const typeLabel = (name) => labelIn(catalogue.eventTypes, name);
export const choiceLabel = (filter, name) => labelIn(choicesOf(filter, ""), name);

const listed = new Intl.ListFormat("en", { type: "conjunction" });

const WORDS = { campaignId: "campaign" };

/** "Age, city and gender are known of Facebook only; followers of TikTok only." */
export function whatIsKnown() {
    const names = new Map();
    for (const { name, knownOf } of catalogue.dimensions) {
        if (knownOf.length === sources().length) continue;
        const of = knownOf.map(({ source, funnelStage }) =>
            funnelStage ? `${titleOf(source)} (${funnelStage} of the funnel)` : titleOf(source),
        );
        const who = of.length === 0 ? "no source" : `${listed.format(of)} only`;
        names.set(who, [...(names.get(who) ?? []), WORDS[name] ?? name]);
    }
    const parts = [...names].map(([who, known]) => `${listed.format(known)} of ${who}`);
    return parts.length === 0 ? "" : `Known are ${parts.join("; ")}.`;
}
