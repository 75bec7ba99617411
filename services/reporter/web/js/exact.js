// Numbers as the API wrote them. A JavaScript number would lose cents beyond 2^53, so every number
// of an answer arrives here as its own text: "958158.86", "32645".

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Parses JSON; numbers become strings with the characters of the source. */
export function parseExact(text) {
    return JSON.parse(text.replace(TOKEN, (token) => (token[0] === '"' ? token : `"${token}"`)));
}

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const decimalPoint =
    new Intl.NumberFormat(undefined, { minimumFractionDigits: 1 })
        .formatToParts(1.5)
        .find((part) => part.type === "decimal")?.value ?? ".";

/** "32645" -> "32,645", of any size. */
export const formatCount = (text) => whole.format(BigInt(text));

/** "958158.86" -> "958,158.86": all cents, never rounded; null -> "–". */
export function formatMoney(text) {
    if (text === null || text === undefined) return "–";
    const [units, cents = ""] = text.split(".");
    const sign = units.startsWith("-") ? "-" : "";
    return (
        sign + whole.format(BigInt(units.replace("-", ""))) + decimalPoint + cents.padEnd(2, "0")
    );
}

const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });

/** The share of a part in a whole, both as text; for reading, so to a tenth of a percent. */
export function formatShare(part, total) {
    return total === "0" ? "–" : percent.format(ratio(part, total));
}

/** part / total to five decimals, of any size; both are whole numbers. */
export function ratio(part, total) {
    return total === "0" ? 0 : Number((BigInt(part) * 100000n) / BigInt(total)) / 100000;
}

const compact = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });

/** For an axis: 12500 -> "12.5K". */
export const formatCompact = (number) => compact.format(number);
