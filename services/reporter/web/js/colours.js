// The palette of css/tokens.css, as CSS and for canvases.

import { make } from "./dom.js";

const STEPS = 6; // of each stage's family in the palette

/** A colour for each of a stage's types: a step of its family, or between two where there are more. */
export function shades(stage, count) {
    const step = (place) => `var(--${stage}-${place + 1})`;
    const distance = count > STEPS ? (STEPS - 1) / (count - 1) : 1;
    return Array.from({ length: count }, (_, index) => {
        const place = Math.floor(index * distance);
        const share = Math.round((index * distance - place) * 100);
        return share === 0
            ? step(place)
            : `color-mix(in oklab, ${step(place)}, ${step(place + 1)} ${share}%)`;
    });
}

const probe = make("span", { hidden: true });

/** What a colour of CSS, such as "var(--top-1)", is at present: a canvas knows no variables. */
export function resolved(colour) {
    if (!probe.isConnected) document.body.append(probe);
    probe.style.color = colour;
    return getComputedStyle(probe).color;
}
