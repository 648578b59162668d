/**
 * Plots as strings: Observable Plot drawn into a document without a browser.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

// The types name a browser's Document, which this runtime does not declare.
const { document } = parseHTML("<!doctype html><html><body></body></html>") as unknown as {
  document: object;
};

/** A name and its colour. */
export interface LegendEntry {
  /** What the colour stands for. */
  label: string;
  /** CSS colour. */
  color: string;
}

/** A chart: what it shows, in which unit, from which table, and its drawing. */
export interface Chart {
  /** What the chart says, a short sentence. */
  title: string;
  /** Unit of its axes, such as `SPY $ by Eastern time`. */
  unit: string;
  /** Table or file it was drawn from. */
  source: string;
  /** SVG or HTML of the drawing. */
  svg: string;
  /** What its colours mean, above the drawing. */
  legend?: readonly LegendEntry[];
  /** `half` stands two in a row on a wide screen; defaults to `full`. */
  size?: "full" | "half";
}

/** Colours of the house; each reads on light and dark ground. */
export const COLORS = {
  break: "#e4572e",
  bounce: "#3a8fb7",
  chop: "#9a9a9a",
  undefined: "#d0b44c",
  accent: "#4a8bc0",
  warm: "#e08e45",
  good: "#3a9d5d",
  bad: "#d64545",
} as const;

/** Scale of outcomes, the same on every page. */
export const OUTCOME_COLOR = {
  domain: ["BREAK", "BOUNCE", "CHOP", "UNDEFINED"],
  range: [COLORS.break, COLORS.bounce, COLORS.chop, COLORS.undefined],
} as const;

/** Legend of a colour scale. */
export function legendOf(scale: { domain: readonly string[]; range: readonly string[] }): LegendEntry[] {
  return scale.domain.map((label, i) => ({ label, color: scale.range[i] }));
}

/** Text that stands on a colour of the house. */
export const ON_COLOR = "#10151b";

/** Width of a full chart, in px of its own. */
export const FULL_WIDTH = 900;
/** Width of a half chart. */
export const HALF_WIDTH = 430;

/** A hundredth of a pixel is enough, and halves the file; text between the tags says what it says. */
const TAG = /<[^>]+>/g, LONG_DECIMALS = /\d+\.\d{3,}/g;

/**
 * Draws a plot.
 *
 * @param options Options of Observable Plot; width defaults to {@linkcode FULL_WIDTH}.
 * @returns One SVG; text and axes take the page's colour.
 */
export function drawPlot(options: Plot.PlotOptions): string {
  const style = { fontSize: "12px", fontFamily: "inherit" };
  const plot = Plot.plot({ width: FULL_WIDTH, style, ...options, document } as Plot.PlotOptions);
  const { outerHTML } = plot as unknown as { outerHTML: string };
  const short = (number: string) => String(Math.round(Number(number) * 100) / 100);
  return outerHTML.replace(TAG, (tag) => tag.replace(LONG_DECIMALS, short));
}

/** A time axis' ticks read Eastern: milliseconds since the epoch to `HH:MM` in New York. */
export function easternTick(ms: number | Date): string {
  return EASTERN_CLOCK.format(ms);
}

const EASTERN_CLOCK = new Intl.DateTimeFormat("en-GB", {
  timeZone: "America/New_York",
  hour: "2-digit",
  minute: "2-digit",
});

/** Milliseconds since the epoch of timestamps: Float64Array (n), for axes. */
export function millisOf(ns: BigInt64Array): Float64Array {
  return Float64Array.from(ns, (t) => Number(t / 1_000_000n));
}

const COMPACT = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 });
const SMALL = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 2 });

/** A number in three significant digits, two below 1: `1.23M`, `17.4`, `0.0045`. */
export function compact(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  return (size < 1e-4 ? value.toExponential(1) : size < 1 ? SMALL.format(value) : COMPACT.format(value))
    .replace("-", "−");
}

/** A share as a whole percentage; `<1 %` and `>99 %` where rounding would say nothing or all. */
export function percent(share: number): string {
  const whole = Math.round(share * 100);
  if (whole === 0 && share > 0) return "<1 %";
  if (whole === 100 && share < 1) return ">99 %";
  return `${whole} %`;
}

/** Names with commas between; of more than four the first three and how many more there are. */
export function someOf(names: readonly string[]): string {
  return names.length <= 4
    ? names.join(", ")
    : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}
