// Revenue over time. The bars' heights are rounded, the numbers never.

import { formatCount, formatMoney } from "./exact.js";
import { bucketName } from "./format.js";
import { numbersTable } from "./numbers.js";
import { stackChart } from "./stack-chart.js";

export function revenueChart(container, step, onSelect) {
    let shown = null;

    const bucket = (index) => bucketName(shown.times[index], step());
    const describe = (index) => {
        const point = shown.series[index];
        return {
            title: bucket(index),
            rows: [
                { label: "Revenue", value: formatMoney(point.revenue), sum: true },
                { label: "Orders", value: formatCount(point.transactions) },
                { label: "Average order", value: formatMoney(point.averageOrderValue) },
            ],
        };
    };
    const chart = stackChart(container, { describe, onSelect });
    const fillNumbers = numbersTable(container, () => ({
        columns: ["Time", "Revenue", "Orders", "Average order"],
        rows: shown.series
            .map((point, index) => [
                bucket(index),
                formatMoney(point.revenue),
                formatCount(point.transactions),
                formatMoney(point.averageOrderValue),
            ])
            .reverse(),
    }));

    return (answer) => {
        shown = {
            series: answer.series,
            times: answer.series.map((point) => Date.parse(point.time)),
        };
        const values = answer.series.map((point) => Number(point.revenue));
        chart.show({ times: shown.times, step: step(), layers: [{ colour: "--revenue", values }] });
        container.setAttribute("role", "img");
        container.setAttribute(
            "aria-label",
            `Revenue of ${formatMoney(answer.revenue)} in ${shown.times.length} bars; the numbers follow.`,
        );
        fillNumbers();
    };
}
