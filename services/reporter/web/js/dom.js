// Making elements: make("td", { className: "x" }, "text", otherElement).

export function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children.filter((child) => child !== null));
    return element;
}

export const header = (text, scope = "col") => make("th", { scope }, text);

/** Replaces an element's children unless they would be the same; a row that had the focus keeps it. */
export function replaceIfChanged(element, children) {
    const next = make("div", {}, ...children.filter((child) => child !== null));
    if (next.innerHTML === element.innerHTML) return;
    const focused = element.contains(document.activeElement)
        ? document.activeElement.dataset.value
        : undefined;
    element.replaceChildren(...next.childNodes);
    if (focused === undefined) return;
    [...element.querySelectorAll("[data-value]")]
        .find((row) => row.dataset.value === focused)
        ?.focus();
}
