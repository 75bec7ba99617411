// Events over time, stacked by type, with a legend that has each type's total.

import { typeLabel, typesOf } from "./catalogue.js";
import { shades } from "./colours.js";
import { make, replaceIfChanged } from "./dom.js";
import { formatCount, formatShare } from "./exact.js";
import { bucketName } from "./format.js";
import { numbersTable } from "./numbers.js";
import { stackChart } from "./stack-chart.js";

const STAGES = [
    { stage: "bottom", label: "Bottom of the funnel" },
    { stage: "top", label: "Top of the funnel" },
];

/** A name that several sources have in different stages stands in the first one. */
const uniqueTypes = () =>
    typesOf("", "").filter(
        (type, index, all) => all.findIndex(({ name }) => name === type.name) === index,
    );

/** The answer's groups in the catalogue's order, those that occur. */
function layersOf(answer) {
    const groups = new Map(answer.groups.map((group) => [group.eventType, group]));
    return STAGES.flatMap(({ stage }) => {
        const types = uniqueTypes().filter((type) => type.funnelStage === stage);
        const colours = shades(stage, types.length);
        return types
            .map(({ name }, index) => ({ ...groups.get(name), stage, colour: colours[index] }))
            .filter(({ count = "0" }) => count !== "0")
            .map((layer) => ({
                ...layer,
                values: layer.series.map((point) => Number(point.count)),
            }));
    });
}

export function eventsChart(container, step, onSelect) {
    let shown = null;
    const legend = make("div", { className: "legend" });

    const bucket = (index) => bucketName(shown.times[index], step());
    const describe = (index) => ({
        title: bucket(index),
        rows: [
            ...[...shown.layers]
                .reverse()
                .filter((layer) => layer.values[index] > 0)
                .map((layer) => ({
                    label: typeLabel(layer.eventType),
                    value: formatCount(layer.series[index].count),
                    colour: layer.colour,
                })),
            { label: "All", value: formatCount(shown.series[index].count), sum: true },
        ],
    });
    const chart = stackChart(container, { describe, onSelect });
    const fillNumbers = numbersTable(container, () => ({
        columns: ["Time", "All", ...shown.layers.map((layer) => typeLabel(layer.eventType))],
        rows: shown.times
            .map((_, index) => [
                bucket(index),
                formatCount(shown.series[index].count),
                ...shown.layers.map((layer) => formatCount(layer.series[index].count)),
            ])
            .reverse(),
    }));
    container.after(legend);

    function entry(layer, total) {
        const swatch = make("span", { className: "swatch" });
        swatch.style.setProperty("--swatch", layer.colour);
        const figures = make("b", {}, formatCount(layer.count));
        const title = formatShare(layer.count, total);
        return make("li", { title }, swatch, `${typeLabel(layer.eventType)} `, figures);
    }

    function fillLegend(total) {
        const stages = STAGES.map(({ stage, label }) => {
            const layers = shown.layers.filter((layer) => layer.stage === stage);
            if (layers.length === 0) return null;
            const sum = String(layers.reduce((all, layer) => all + BigInt(layer.count), 0n));
            const head = make(
                "li",
                { className: "stage" },
                `${label} `,
                make("b", {}, formatCount(sum)),
            );
            return make("ul", {}, head, ...layers.map((layer) => entry(layer, total)));
        });
        replaceIfChanged(legend, stages);
    }

    return (answer) => {
        shown = {
            layers: layersOf(answer),
            series: answer.series,
            times: answer.series.map((point) => Date.parse(point.time)),
        };
        chart.show({ ...shown, step: step() });
        container.setAttribute("role", "img");
        container.setAttribute(
            "aria-label",
            `${formatCount(answer.count)} events in ${shown.times.length} bars; the numbers follow.`,
        );
        fillLegend(answer.count);
        fillNumbers();
    };
}
