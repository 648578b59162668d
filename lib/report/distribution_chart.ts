/**
 * Small multiples of distributions: one small drawing a column, as many in a row as fit the page.
 *
 * @module
 */
import type { Bins, Distribution } from "./distribution.ts";
import { escapeHtml } from "./page.ts";
import { type Chart, compact, percent } from "./plot.ts";

const WIDTH = 160, HEIGHT = 46;
/** Words shown of a text column; the rest is summed. */
const MOST_WORDS = 5;

function barsPath({ counts }: Bins): string {
  const most = Math.max(...counts), width = WIDTH / counts.length;
  const round = (v: number) => Math.round(v * 100) / 100;
  // Square roots: one tall bin (mostly-zero columns) must not flatten the others out of sight.
  return counts.map((count, i) =>
    count === 0 ? "" : `M${round(i * width + 0.3)},${HEIGHT}h${round(width - 0.6)}v${-Math.max(
      1,
      round(Math.sqrt(count / most) * (HEIGHT - 2)),
    )}h${-round(width - 0.6)}z`
  ).join("");
}

function zeroLine({ low, high }: Bins): string {
  if (low >= 0 || high <= 0) return "";
  const x = Math.round((-low / (high - low)) * WIDTH * 100) / 100;
  return `<path d="M${x},0V${HEIGHT}" stroke="var(--soft)" stroke-dasharray="2 2" vector-effect="non-scaling-stroke"/>`;
}

function histogramHtml(bins: Bins, name: string): string {
  const [min, median, max] = bins.quantiles, { low, high } = bins;
  const label = `${name}: smallest ${compact(min)}, median ${compact(median)}, largest ${
    compact(max)
  }; ${bins.beyond} values beyond the edges are in the outer bars`;
  const whole = bins.low % 1 !== 0 && (bins.low + 0.5) % 1 === 0;
  const [left, right] = whole ? [low + 0.5, high - 0.5] : [low, high];
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${
    escapeHtml(label)
  }"><title>${escapeHtml(label)}</title>${zeroLine(bins)}<path d="${
    barsPath(bins)
  }" fill="currentColor"/></svg><div class="ends"><span>${compact(left)}</span><span>med ${
    compact(median)
  }</span><span>${compact(right)}</span></div>`;
}

function wordsHtml(words: NonNullable<Distribution["words"]>, known: number): string {
  const rest = words.slice(MOST_WORDS).reduce((sum, w) => sum + w.rows, 0);
  const shown = words.length <= MOST_WORDS + 1
    ? words
    : [...words.slice(0, MOST_WORDS), { word: `${words.length - MOST_WORDS} others`, rows: rest }];
  const most = Math.max(...shown.map((w) => w.rows));
  return `<div class="shares">${
    shown.map(({ word, rows }) =>
      `<span>${escapeHtml(word)}</span><b style="width:${Math.round((rows / most) * 100)}%"></b><em>${
        percent(rows / known)
      }</em>`
    ).join("")
  }</div>`;
}

function figureHtml(distribution: Distribution): string {
  const { feature, known, nulls, bins, words } = distribution;
  const name = escapeHtml(feature.name).replaceAll("_", "_<wbr>");
  const facts = [
    feature.unit === "–" ? "" : feature.unit,
    nulls ? `${percent(nulls / (known + nulls))} null` : "",
  ]
    .filter(Boolean).join(", ");
  const drawing = bins
    ? histogramHtml(bins, feature.name)
    : words && known > 0
    ? wordsHtml(words, known)
    : `<div class="ends"><span>no known value</span></div>`;
  return `<figure title="${escapeHtml(feature.description)}"><figcaption>${name}${
    facts ? ` <span>${escapeHtml(facts)}</span>` : ""
  }</figcaption>${drawing}</figure>`;
}

/**
 * The distributions of some columns side by side.
 *
 * @param title What they have in common.
 * @param distributions One a column.
 */
export function distributionChart(title: string, distributions: readonly Distribution[]): Chart {
  return {
    title,
    unit: "bars: √rows by value; words: share of known rows",
    source: "gold signals",
    svg: `<div class="multiples">${distributions.map(figureHtml).join("\n")}</div>`,
  };
}
