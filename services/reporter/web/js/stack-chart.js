// Stacked bars over time, drawn by uPlot.

import uPlot from "../vendor/uplot/uPlot.esm.js";
import { amountAxis, timeAxis } from "./axes.js";
import { resolved } from "./colours.js";
import { tooltip } from "./tooltip.js";

const FINE = 150; // bars; more leave no room for a line between them

/** Layers become sums from the base up; the tallest is drawn first, the others over it. */
function stacked({ times, layers }) {
    const sums = [];
    let below = new Array(times.length).fill(0);
    for (const { values } of layers) {
        below = below.map((sum, index) => sum + values[index]);
        sums.unshift(below);
    }
    return [times.map((time) => time / 1000), ...sums];
}

function seriesOf(layer, count) {
    return {
        fill: resolved(layer.colour),
        stroke: resolved("var(--surface)"),
        width: count > FINE ? 0 : 1,
        paths: uPlot.paths.bars({ size: [count > FINE ? 1 : 0.92, 72], align: 1 }),
        points: { show: false },
    };
}

/** The bar under the pointer, not the one whose start is nearest. */
function indexUnder(u, series, closest, x) {
    const times = u.data[0];
    return closest > 0 && times[closest] > x ? closest - 1 : closest;
}

/**
 * A chart in `container`. `show(data)` takes { times, step, layers: [{ colour, values }] } in
 * milliseconds, with colours of CSS; `describe(index)` is what the tooltip says of a bar; `onSelect(from, to)` is called
 * with the part that somebody marked with the pointer.
 */
export function stackChart(container, { describe, onSelect }) {
    let plot = null;
    let made = "";
    let data = null;

    const range = () => {
        const last = data.times.at(-1) + data.step;
        return [data.times[0] / 1000, last / 1000];
    };

    function options() {
        return {
            width: container.clientWidth,
            height: container.clientHeight,
            padding: [10, 32, 0, 0],
            legend: { show: false },
            plugins: [tooltip(describe)],
            cursor: {
                y: false,
                points: { show: false },
                dataIdx: indexUnder,
                sync: { key: "time", setSeries: false },
                drag: { x: true, y: false, setScale: false },
            },
            scales: { x: { range }, y: { range: (u, min, max) => [0, (max || 1) * 1.06] } },
            axes: [timeAxis(), amountAxis()],
            series: [
                {},
                ...data.layers.map((layer) => seriesOf(layer, data.times.length)).reverse(),
            ],
            hooks: { setSelect: [select] },
        };
    }

    function select(u) {
        if (u.select.width < 8) return;
        const at = (left) => Math.round(u.posToVal(left, "x") * 1000);
        onSelect(at(u.select.left), at(u.select.left + u.select.width));
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    }

    function draw() {
        const shape = JSON.stringify([
            data.layers.map((layer) => layer.colour),
            data.times.length > FINE,
        ]);
        if (plot && shape === made) {
            plot.setData(stacked(data));
            return;
        }
        plot?.destroy();
        made = shape;
        plot = new uPlot(options(), stacked(data), container);
    }

    function redraw() {
        made = "";
        if (data && container.clientWidth > 0) draw();
    }

    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    new ResizeObserver(() => {
        if (!data || container.clientWidth === 0) return;
        if (!plot) draw();
        else plot.setSize({ width: container.clientWidth, height: container.clientHeight });
    }).observe(container);

    return {
        show(next) {
            data = next;
            if (container.clientWidth > 0) draw();
        },
    };
}
