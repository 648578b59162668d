/**
 * One-minute bars and regular two-minute closes, in ES points.
 *
 * @module
 */
import { MINUTE_NS } from "../base/mod.ts";
import { type Bars, lowerBound, reserve, type SessionState } from "./state.ts";

/**
 * Closes the minute `[minute, minute + 60 s)`: appends its bar if it has trades, then every regular two-minute
 * close that is complete by its end. Equal-time trades count in feed order.
 *
 * @param state Holds every trade of the minute; `bars` and `closes` grow.
 * @param minute Start of the minute, ns since session start.
 * @returns Index of the new bar, −1 if the minute has no trade.
 * @throws {RangeError} If the minute is not whole or not after the last bar.
 */
export function closeBar(state: SessionState, minute: number): number {
  const { bars, tape } = state;
  if (minute % MINUTE_NS !== 0) {
    throw new RangeError(`Cannot close the minute at ${minute}: not a whole minute`);
  }
  if (bars.length > 0 && minute <= bars.ts[bars.length - 1]) {
    throw new RangeError(
      `Cannot close the minute at ${minute}: the last bar is at ${bars.ts[bars.length - 1]}`,
    );
  }
  const end = minute + MINUTE_NS;
  const first = lowerBound(tape.ts, minute, tape.length), last = lowerBound(tape.ts, end, tape.length);
  if (last > first) appendBar(state, minute, first, last);
  appendTwoMinuteCloses(state, end);
  return last > first ? bars.length - 1 : -1;
}

function appendBar(state: SessionState, minute: number, first: number, last: number): void {
  const { at, bars, tape } = state;
  reserve(bars, 1);
  const i = bars.length++;
  const regular = minute >= at.open && minute < at.close;
  // A running total in row order, carried from bar to bar: the same sum a single loop from the open gives.
  const carried = regular && i > 0 && bars.ts[i - 1] >= at.open;
  let pv = carried ? bars.sessionPv[i - 1] : 0, sessionVolume = carried ? bars.sessionVolume[i - 1] : 0;
  let high = -Infinity, low = Infinity, volume = 0;
  for (let t = first; t < last; t++) {
    const price = tape.price[t], size = tape.size[t];
    if (price > high) high = price;
    if (price < low) low = price;
    volume += size;
    if (regular) {
      pv += price * size;
      sessionVolume += size;
    }
  }
  bars.ts[i] = minute;
  bars.open[i] = tape.price[first];
  bars.high[i] = high;
  bars.low[i] = low;
  bars.close[i] = tape.price[last - 1];
  bars.volume[i] = volume;
  bars.trades[i] = last - first;
  bars.sessionPv[i] = pv;
  bars.sessionVolume[i] = sessionVolume;
}

/** Two-minute bars start at the open and count when both minutes have passed; one without trades does not exist. */
function appendTwoMinuteCloses(state: SessionState, end: number): void {
  const { at, bars, closes } = state;
  const done = closes.length > closes.history ? closes.end[closes.length - 1] : at.open;
  for (let b = lowerBound(bars.ts, done, bars.length); b < bars.length && bars.ts[b] < at.close; b++) {
    const pairEnd = at.open + 2 * MINUTE_NS * (Math.floor((bars.ts[b] - at.open) / (2 * MINUTE_NS)) + 1);
    if (pairEnd > end) return;
    if (b + 1 < bars.length && bars.ts[b + 1] < pairEnd) continue;
    reserve(closes, 1);
    closes.close[closes.length] = bars.close[b];
    closes.end[closes.length++] = pairEnd;
  }
}

/**
 * Highest price of the bars that open in `[from, to)`.
 *
 * @param bars Closed bars.
 * @param from First bar open, ns since session start.
 * @param to One past the last bar open.
 * @returns ES points, NaN without bars.
 */
export function highestOf(bars: Bars, from: number, to: number): number {
  let high = NaN;
  for (let b = lowerBound(bars.ts, from, bars.length); b < bars.length && bars.ts[b] < to; b++) {
    if (!(bars.high[b] <= high)) high = bars.high[b];
  }
  return high;
}

/** Lowest price of the bars that open in `[from, to)`; arguments as {@linkcode highestOf}. */
export function lowestOf(bars: Bars, from: number, to: number): number {
  let low = NaN;
  for (let b = lowerBound(bars.ts, from, bars.length); b < bars.length && bars.ts[b] < to; b++) {
    if (!(bars.low[b] >= low)) low = bars.low[b];
  }
  return low;
}
