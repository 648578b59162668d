/**
 * Where levels lie, when a bar touches one, what latent pressure is then at work and what comes of it.
 *
 * @module
 */
import { CONFIG, type Random } from "../base/mod.ts";
import { MARKET, type SimulatedEffects } from "./parameters.ts";
import type { TouchTruth } from "./truth.ts";

/** Kinds of levels the simulator knows. */
export type SimulatedLevel =
  | "ROUND"
  | "PM_HIGH"
  | "PM_LOW"
  | "OR_HIGH"
  | "OR_LOW"
  | "SESSION_HIGH"
  | "SESSION_LOW"
  | "ON_HIGH"
  | "ON_LOW";

/** A finished 1-minute bar of the leader, ES points. */
export interface MinuteBar {
  /** Highest trade. */
  high: number;
  /** Lowest trade. */
  low: number;
  /** Last trade. */
  close: number;
}

/** What the market knew at a bar's close. */
export interface CloseState {
  /** ns since the session's start. */
  t: number;
  /** The bar's open time, ns since the session's start. */
  barStart: number;
  /** SPY dollars a point. */
  scale: number;
  /** Best quotes' imbalance, (bid − ask)/(bid + ask). */
  imbalance: number;
  /** Standard deviation of a minute's change, points. */
  sigma: number;
  /** Dealer gamma near a SPY price, −1 to 1, NaN without option data. */
  gammaNear(price: number): number;
}

/** High and low so far of a part of the session. */
class Range {
  high = -Infinity;
  low = Infinity;

  add(bar: MinuteBar): void {
    this.high = Math.max(this.high, bar.high);
    this.low = Math.min(this.low, bar.low);
  }
}

/** Minutes of the session at which its parts begin, 18:00 being 0. */
export const PREMARKET_MINUTE = 600;
/** Minute of 09:30. */
export const OPEN_MINUTE = 930;

/** The levels of a session and the pressure at them. */
export class Touches {
  /** Drift of the fair price, points a minute. */
  drift = 0;
  /** Latent pressure of the regime at work, +1 up, −1 down, 0 neutral; of no regime 0. */
  pressure = 0;
  /** What became of every touch. */
  readonly truth: TouchTruth[] = [];
  readonly #random: Random;
  readonly #effects: SimulatedEffects;
  readonly #overnight = new Range();
  readonly #premarket = new Range();
  readonly #opening = new Range();
  readonly #regular = new Range();
  #minute = 0;
  #previousClose = NaN;
  #regimeEnd = -1;
  #pending: TouchTruth[] = [];

  /**
   * @param effects Strength of what follows a touch.
   * @param random Draws D.
   */
  constructor(effects: SimulatedEffects, random: Random) {
    this.#effects = effects;
    this.#random = random;
  }

  /** Starts a minute; outside the regular session nothing presses. @param minute 0 at 18:00. @param regular Whether in the regular session. */
  startMinute(minute: number, regular: boolean): void {
    this.#minute = minute;
    if (minute <= this.#regimeEnd && regular) return;
    this.#regimeEnd = -1;
    this.drift = 0;
    // A new approach: its D is drawn now, whatever level it will be.
    this.pressure = regular ? this.#random.int(3) - 1 : 0;
  }

  /**
   * The level nearest to a price.
   *
   * @param price ES points.
   * @param scale SPY dollars a point.
   * @returns ES points.
   */
  nearest(price: number, scale: number): number {
    let best = Math.round(price * scale) / scale;
    for (const [, level] of this.#special()) {
      if (Math.abs(level - price) < Math.abs(best - price)) best = level;
    }
    return best;
  }

  #special(): [SimulatedLevel, number][] {
    const levels: [SimulatedLevel, number][] = [
      ["PM_HIGH", this.#premarket.high],
      ["PM_LOW", this.#premarket.low],
      ["ON_HIGH", this.#overnight.high],
      ["ON_LOW", this.#overnight.low],
    ];
    if (this.#minute > OPEN_MINUTE) {
      levels.push(["SESSION_HIGH", this.#regular.high], ["SESSION_LOW", this.#regular.low]);
    }
    if (this.#minute >= OPEN_MINUTE + CONFIG.levels.openingRangeMinutes) {
      levels.push(["OR_HIGH", this.#opening.high], ["OR_LOW", this.#opening.low]);
    }
    return levels;
  }

  /**
   * Ends a minute: finds what was touched, sets the drift that follows, then lets the bar into the levels.
   *
   * @param bar The finished bar.
   * @param state What was known at its close.
   * @param regular Whether the bar is of the regular session.
   */
  endMinute(bar: MinuteBar, state: CloseState, regular: boolean): void {
    if (regular) this.#touch(bar, state);
    this.#previousClose = bar.close;
    if (this.#minute < OPEN_MINUTE) this.#overnight.add(bar);
    if (this.#minute >= PREMARKET_MINUTE && this.#minute < OPEN_MINUTE) this.#premarket.add(bar);
    if (regular) this.#regular.add(bar);
    if (regular && this.#minute < OPEN_MINUTE + CONFIG.levels.openingRangeMinutes) this.#opening.add(bar);
  }

  #touch(bar: MinuteBar, state: CloseState): void {
    const { scale } = state;
    const { reach, closeBand } = CONFIG.touches;
    const high = bar.high * scale + reach, low = bar.low * scale - reach, close = bar.close * scale;
    const levels: [SimulatedLevel, number][] = this.#special().map(([kind, level]) => [kind, level * scale]);
    for (let dollar = Math.ceil(close - closeBand); dollar <= close + closeBand; dollar++) {
      levels.push(["ROUND", dollar]);
    }
    let nearest: TouchTruth | undefined;
    for (const [kind, level] of levels) {
      if (!(level >= low && level <= high && Math.abs(close - level) <= closeBand)) continue;
      const gap = close - level || (this.#previousClose * scale - level);
      const touch = this.#record(kind, level, gap < 0 ? 1 : -1, bar.close, state);
      if (!nearest || Math.abs(level - close) < Math.abs(nearest.level - close)) nearest = touch;
    }
    if (!nearest) return;
    if (this.#regimeEnd < 0) this.#regimeEnd = this.#minute + MARKET.touch.regimeMinutes;
    // Two barriers U away, drift μ and variance σ² a minute: P(up first) = logistic(2μU/σ²).
    const logit = Math.log(nearest.p_up / (1 - nearest.p_up));
    this.drift = logit * state.sigma ** 2 / (2 * passageDistance(state));
  }

  #record(
    kind: SimulatedLevel,
    level: number,
    direction: number,
    close: number,
    state: CloseState,
  ): TouchTruth {
    const { beta, gamma, delta } = this.#effects;
    const d = this.pressure * direction;
    const dealer = state.gammaNear(level);
    const logit = beta * d + gamma * state.imbalance * direction - delta * (dealer || 0);
    const breakChance = 1 / (1 + Math.exp(-logit));
    const distance = passageDistance(state);
    const touch: TouchTruth = {
      t: state.barStart,
      kind,
      level,
      direction,
      d,
      imbalance: state.imbalance,
      dealer_gamma: dealer,
      p_break: breakChance,
      p_up: direction > 0 ? breakChance : 1 - breakChance,
      upper: close + distance,
      lower: close - distance,
      outcome: 0,
      outcome_t: NaN,
      until: state.t + MARKET.touch.outcomeMinutes * 60e9,
    };
    this.truth.push(touch);
    this.#pending.push(touch);
    return touch;
  }

  /** Watches for outcomes. @param t ns since the session's start. @param price The leader's trade, points. */
  onTrade(t: number, price: number): void {
    if (this.#pending.length === 0) return;
    let decided = false;
    for (const touch of this.#pending) {
      const up = price >= touch.upper, down = price <= touch.lower;
      if (t > touch.until) decided = true;
      else if (up || down) {
        touch.outcome = (up ? 1 : -1) * touch.direction;
        touch.outcome_t = t;
        decided = true;
      }
    }
    if (decided) this.#pending = this.#pending.filter((p) => p.outcome === 0 && t <= p.until);
  }
}

/** Distance of the outcome's barriers, points: one standard deviation of the watch, at least the labels' floor. */
function passageDistance({ sigma, scale }: CloseState): number {
  const { passageFloor, passageFactor, passageMinutes } = CONFIG.labels;
  return Math.max(passageFloor / scale, passageFactor * sigma * Math.sqrt(passageMinutes));
}
