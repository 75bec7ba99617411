// One report's figures over time. The bars' heights are rounded, the numbers never.

import { formatCount, formatMoney } from "./exact.js";
import { bucketName } from "./format.js";
import { numbersTable } from "./numbers.js";
import { stackChart } from "./stack-chart.js";

/**
 * `figures` are the [label, text of a point] of the report, the one that the bars show first;
 * `heightOf(point)` is a bar's; `summary(answer)` says in words what the chart is of.
 */
const figureChart = (colour, figures, heightOf, summary) => (container, step, onSelect) => {
    let shown = null;

    const bucket = (index) => bucketName(shown.times[index], step());
    const describe = (index) => ({
        title: bucket(index),
        rows: figures.map(([label, textOf], place) => ({
            label,
            value: textOf(shown.series[index]),
            sum: place === 0,
        })),
    });
    const chart = stackChart(container, { describe, onSelect });
    const fillNumbers = numbersTable(container, () => ({
        columns: ["Time", ...figures.map(([label]) => label)],
        rows: shown.series
            .map((point, index) => [bucket(index), ...figures.map(([, textOf]) => textOf(point))])
            .reverse(),
    }));

    return (answer) => {
        const { series } = answer;
        shown = { series, times: series.map((point) => Date.parse(point.time)) };
        const layers = [{ colour, values: series.map(heightOf) }];
        chart.show({ times: shown.times, step: step(), layers });
        container.setAttribute("role", "img");
        container.setAttribute(
            "aria-label",
            `${summary(answer)} in ${series.length} bars; the numbers follow.`,
        );
        fillNumbers();
    };
};

export const revenueChart = figureChart(
    "var(--revenue)",
    [
        ["Revenue", (point) => formatMoney(point.revenue)],
        ["Orders", (point) => formatCount(point.transactions)],
        ["Average order", (point) => formatMoney(point.averageOrderValue)],
    ],
    (point) => Number(point.revenue),
    (answer) => `Revenue of ${formatMoney(answer.revenue)}`,
);

/** A user counts in each bar that has an event of theirs, so the bars' sum may exceed the total. */
export const usersChart = figureChart(
    "var(--bar)",
    [["Users", (point) => formatCount(point.userCount)]],
    (point) => Number(point.userCount),
    (answer) => `${formatCount(answer.userCount)} users`,
);
