/**
 * Where the leading contract's price should be: a diffusion whose volatility follows the day and comes in bursts,
 * pulled to the next session's open, pushed by what a touch left behind.
 *
 * @module
 */
import { MINUTE_NS, type Random } from "../base/mod.ts";
import { MARKET } from "./parameters.ts";

/** The fair price, in ticks. */
export class FairPrice {
  /** The price, ticks. */
  value: number;
  /** Standard deviation of a minute's change at this time, ticks. */
  sigma = 0;
  readonly #volatility: Float64Array;
  readonly #target: number;
  readonly #random: Random;
  #remaining: number;
  #burst = 0;
  #transient = 0;
  #minute = 0;
  #t = 0;

  /**
   * @param start Price at the session's start, ticks.
   * @param target Price at its end, ticks: drawn with the variance of all minutes, so that the bridge to it is, to
   *   one who does not know it, a walk without memory.
   * @param volatility Expected standard deviation of each minute's return.
   * @param random Draws.
   */
  constructor(start: number, target: number, volatility: Float64Array, random: Random) {
    this.value = start;
    this.#target = target;
    this.#volatility = volatility;
    this.#random = random;
    this.#remaining = volatility.reduce((sum, v) => sum + v * v, 0);
  }

  /** Starts a minute. @param minute 0 at the session's start. */
  startMinute(minute: number): void {
    const { sd, halfLife } = MARKET.burst, keep = 0.5 ** (1 / halfLife);
    this.#burst = this.#burst * keep + sd * Math.sqrt(1 - keep * keep) * this.#random.normal();
    // E[exp(2h)] = exp(2 sd²) is taken out, so that bursts do not raise the day's variance.
    this.sigma = this.#volatility[minute] * Math.exp(this.#burst - sd ** 2) * this.value;
    if (minute > 0) this.#remaining -= this.#volatility[minute - 1] ** 2;
    // A part of each minute's move is the cost of liquidity and goes with the next one: without it, what a touch left
    // behind and the book's delay would make returns follow one another more than real ones do.
    const transient = MARKET.transient * this.sigma * this.#random.normal();
    this.value += transient - this.#transient;
    this.#transient = transient;
    this.#minute = minute;
    this.#t = minute * MINUTE_NS;
  }

  /**
   * Moves on.
   *
   * @param t ns since the session's start, within the minute.
   * @param drift Push, ticks a minute.
   */
  moveTo(t: number, drift: number): void {
    const minutes = (t - this.#t) / MINUTE_NS;
    if (minutes <= 0) return;
    this.#t = t;
    const variance = this.#volatility[this.#minute] ** 2;
    const pull = (this.#target - this.value) * variance / Math.max(this.#remaining, variance);
    this.value += this.sigma * Math.sqrt(minutes) * this.#random.normal() + (pull + drift) * minutes;
  }
}
