/**
 * SPY option prints, priced off the leading future's path.
 *
 * @module
 */
import {
  addDays,
  CONFIG,
  HOUR_NS,
  isTradingDay,
  MINUTE_NS,
  nextTradingDay,
  optionGamma,
  optionPrice,
  Random,
  SECOND_NS,
  sessionOf,
  weekday,
} from "../base/mod.ts";
import { MARKET } from "./parameters.ts";
import type { DayPath } from "./path.ts";
import { occTicker, type OptionPrint } from "./prints.ts";
import { makeSurface, type Surface, volatilityOf, yearsTo } from "./surface.ts";

const SINGLE_CODES = ["209", "209", "209", "227", "227", "219"];
const MULTI_CODES = ["232", "232", "233", "233", "236"];
const LATE_CODES = ["202", "204", "206", "208"];
const CANCEL_CODES = ["201", "203", "205", "207"];
const EXCHANGES = [300, 301, 302, 303, 304, 307, 308, 309, 312, 313, 316, 318, 319, 320, 322, 323, 325];
const OTHER_ROOTS = [["SPYG", 105], ["SPXW", 6850], ["QQQ", 620], ["AAPL", 275], ["IWM", 250], [
  "TSLA",
  440,
]] as const;

/** A print's kind is a draw from 0 to 1: late below the first bound, multi-leg below the second, else single-leg. */
const LATE_BELOW = 0.012, MULTI_BELOW = LATE_BELOW + MARKET.options.multiLeg;

interface Expiration {
  date: string;
  sessionsAhead: number;
  weight: number;
}

/** What a print is of. */
interface Contract {
  expiration: Expiration;
  strike: number;
  isCall: boolean;
}

/** A print to be made; of a given contract and kind when it follows another one. */
interface Order {
  t: number;
  follows?: { contract: Contract; kind: number };
}

interface Position {
  strike: number;
  isCall: boolean;
  inventory: number;
  volume: number;
}

/** The expirations that trade on a date: the same day, the next two, the week's end, the month's. */
function expirationsOf(date: string): Expiration[] {
  const found = new Map<string, Expiration>();
  const add = (target: string, weight: number) => {
    let day = date, sessionsAhead = 0;
    while (day < target) {
      day = nextTradingDay(day);
      sessionsAhead++;
    }
    const known = found.get(day);
    if (known) known.weight += weight;
    else found.set(day, { date: day, sessionsAhead, weight });
  };
  add(date, 0.68);
  const next = nextTradingDay(date);
  add(next, 0.09);
  add(nextTradingDay(next), 0.06);
  const friday = addDays(date, (5 - weekday(date) + 7) % 7);
  add(isTradingDay(friday) ? friday : addDays(friday, -1), 0.06);
  add(addDays(friday, 7), 0.05);
  add(addDays(friday, 28), 0.06);
  return [...found.values()];
}

/** The option market of a session. */
export class OptionMarket {
  /** Prints so far, in the order they were made. */
  readonly prints: OptionPrint[] = [];
  readonly #random: Random;
  readonly #surface: Surface;
  readonly #expirations: Expiration[];
  readonly #daily: number;
  readonly #shares: Float64Array;
  readonly #lastMinute: number;
  readonly #closeMinute: number;
  readonly #positions = new Map<number, Position>();
  readonly #popularity = new Map<number, number>();
  readonly #leaning: number[] = [];
  readonly #lastSign = new Map<number, number>();
  readonly #spots: number[] = [];
  #pathT: number[] = [];
  #pathPrice: number[] = [];
  #now = 0;
  #spot = NaN;

  /** @param options Trade date, scale of activity, seeded draws and the date's givens. */
  constructor(options: { date: string; scale: number; random: Random; path: DayPath }) {
    const { date, scale, random, path } = options;
    const session = sessionOf(date);
    this.#random = random;
    const closeT = Number(session.closeNs - session.overnightNs);
    this.#closeMinute = closeT / MINUTE_NS;
    this.#lastMinute = this.#closeMinute + 15;
    this.#surface = makeSurface(path, closeT, 2 * Math.PI * random.uniform());
    this.#expirations = expirationsOf(date);
    // A small market keeps enough prints for call/put pairs: parity needs twenty in fifteen minutes.
    this.#daily = MARKET.options.prints * (scale < 1 ? scale ** 0.35 : scale);
    this.#shares = path.volume.map((v, m) =>
      m >= 930 && m < this.#closeMinute ? v + 0.0004 : m < this.#lastMinute ? 0.0002 : 0
    );
    const total = path.volume.slice(930, 1320).reduce((a, b) => a + b + 0.0004, 0);
    for (let m = 0; m < this.#shares.length; m++) this.#shares[m] = m < 930 ? 0 : this.#shares[m] / total;
  }

  /**
   * Notes the future's last trade; prints of the minute are priced off it at its end.
   *
   * @param t ns since the session's start.
   * @param price Points.
   */
  quote(t: number, price: number): void {
    if (this.#pathPrice[this.#pathPrice.length - 1] === price) return;
    this.#pathT.push(t);
    this.#pathPrice.push(price);
  }

  /**
   * Makes the prints of a minute that is over.
   *
   * @param minute 0 at 18:00.
   * @param scaleAt SPY dollars a point at a time.
   */
  endMinute(minute: number, scaleAt: (t: number) => number): void {
    const start = minute * MINUTE_NS;
    const orders = this.#orders(minute, start);
    for (let at = 0; orders.length > 0;) {
      const order = orders.shift() as Order;
      const { t } = order;
      while (at + 1 < this.#pathT.length && this.#pathT[at + 1] <= t) at++;
      this.#now = t;
      this.#spot = this.#pathPrice[at] * scaleAt(t);
      if (this.#random.uniform() < MARKET.options.others) this.#printOther(t);
      const next = this.#print(order);
      if (!next) continue;
      next.t = Math.min(next.t, start + MINUTE_NS - 1);
      const place = orders.findIndex((o) => o.t > next.t);
      orders.splice(place < 0 ? orders.length : place, 0, next);
    }
    this.#now = start + MINUTE_NS;
    const last = this.#pathPrice.length - 1;
    this.#spot = this.#pathPrice[last] * scaleAt(this.#now);
    this.#spots.push(this.#spot);
    this.#pathT = [this.#now];
    this.#pathPrice = [this.#pathPrice[last]];
  }

  /** Times of the minute's prints, ascending. */
  #orders(minute: number, start: number): Order[] {
    const random = this.#random;
    const { pairs, again } = MARKET.options;
    const perOrder = 0.3 * pairs + 1 / (1 - again.chance);
    const mean = (this.#shares[minute] ?? 0) * this.#daily / perOrder;
    const count = Math.floor(mean + 0.3 * Math.sqrt(mean) * random.normal() + random.uniform());
    const orders: Order[] = [];
    for (let i = 0; i < count; i++) orders.push({ t: start + Math.floor(random.uniform() * MINUTE_NS) });
    return orders.sort((a, b) => a.t - b.t);
  }

  /**
   * Prints an order; one near the money of the same day may draw the other right of its strike, any other the same
   * contract again.
   */
  #print(order: Order): Order | undefined {
    const random = this.#random, { pairs, again } = MARKET.options;
    const { t, follows } = order;
    const contract = follows?.contract ?? this.#chooseContract(t), kind = follows?.kind ?? random.uniform();
    this.#price(t, contract, kind);
    const near = contract.expiration.sessionsAhead === 0 &&
      Math.abs(contract.strike - this.#spot) < CONFIG.scale.strikeDistance - 0.5;
    if (near && !follows && kind >= 0.5 && random.uniform() < pairs) {
      const opposite = { ...contract, isCall: !contract.isCall };
      return {
        t: t + Math.floor(random.uniform() * 2.5 * SECOND_NS),
        follows: { contract: opposite, kind: 1 },
      };
    }
    if (kind < LATE_BELOW || random.uniform() >= again.chance) return undefined;
    return { t: t + Math.floor(random.exponential(again.seconds) * SECOND_NS), follows: { contract, kind } };
  }

  #chooseContract(t: number): Contract {
    const expiration = this.#chooseExpiration(), isCall = this.#random.uniform() < 0.52;
    return { expiration, isCall, strike: this.#chooseStrike(t, expiration, isCall) };
  }

  #chooseExpiration(): Expiration {
    let u = this.#random.uniform();
    for (const expiration of this.#expirations) if ((u -= expiration.weight) < 0) return expiration;
    return this.#expirations[0];
  }

  #chooseStrike(t: number, { sessionsAhead }: Expiration, isCall: boolean): number {
    const random = this.#random;
    const years = yearsTo(this.#surface, t, sessionsAhead);
    const width = Math.max(
      1.2,
      (sessionsAhead === 0 ? 0.42 : 0.25) * this.#spot * this.#surface.level * Math.sqrt(years),
    );
    for (;;) {
      const away = Math.abs(random.normal()) * width * (random.uniform() < 0.78 ? 1 : -0.5);
      const strike = Math.round(this.#spot + (isCall ? away : -away));
      let popularity = this.#popularity.get(strike);
      if (popularity === undefined) {
        popularity = Math.exp(0.5 * random.normal()) * (strike % 5 === 0 ? 2 : 1);
        this.#popularity.set(strike, popularity);
      }
      // Beyond the day it is the fives that trade.
      const share = sessionsAhead > 0 && strike % 5 !== 0 ? 0.3 : 1;
      if (random.uniform() * 3 < popularity * share) return strike;
    }
  }

  #price(t: number, { expiration, strike, isCall }: Contract, kind: number): void {
    const random = this.#random;
    const late = kind < LATE_BELOW, multi = !late && kind < MULTI_BELOW;
    const minutesAgo = late ? Math.min(this.#spots.length - 1, 1 + random.int(8)) : 0;
    const spot = late ? this.#spots[this.#spots.length - minutesAgo] : this.#spot;
    const vol = volatilityOf(this.#surface, t, { strike, sessionsAhead: expiration.sessionsAhead });
    const years = yearsTo(this.#surface, t, expiration.sessionsAhead);
    const fair = optionPrice(isCall, spot, strike, years, vol);
    const aggressor = this.#aggressor(t, strike, isCall);
    // There are sixty times fewer prints than on a real day: larger ones keep the day's volume and dealers' gamma real.
    const size = Math.ceil(Math.exp(MARKET.options.size.log + MARKET.options.size.sd * random.normal()));
    const cents = quotedAt(fair, aggressor, expiration.sessionsAhead > 0 ? 1.6 : 1, random);
    const price = Math.max(1, multi ? cents + random.int(5) - 2 : cents) / 100;
    const cancelled = !late && !multi && random.uniform() < 0.006;
    const pick = (codes: string[]) => codes[random.int(codes.length)];
    const code = late
      ? pick(LATE_CODES)
      : multi
      ? pick(MULTI_CODES)
      : cancelled
      ? pick(CANCEL_CODES)
      : pick(SINGLE_CODES);
    const isSingle = !late && !multi;
    const correction = isSingle && random.uniform() < 0.002 ? 1 : 0;
    this.prints.push({
      t: this.#stamp(t),
      ticker: occTicker("SPY", expiration.date, isCall ? "C" : "P", strike),
      conditions: code === "209" && random.uniform() < 0.02 ? "209,219" : code,
      correction,
      exchange: EXCHANGES[random.int(EXCHANGES.length)],
      price,
      size,
      aggressor: isSingle ? aggressor : 0,
      iv: vol,
      spot,
    });
    if (expiration.sessionsAhead === 0 && !cancelled && correction === 0) {
      this.#hold(strike, isCall, isSingle ? aggressor * size : 0, size);
    }
  }

  /** Older prints are stamped in whole milliseconds. */
  #stamp(t: number): number {
    return this.#random.uniform() < 0.35 ? Math.floor(t / 1e6) * 1e6 : t;
  }

  /**
   * Who is in a hurry. Hours differ in how much more is bought than sold; a contract's prints alternate a little,
   * as makers lean against what they took.
   */
  #aggressor(t: number, strike: number, isCall: boolean): number {
    const random = this.#random, hour = Math.floor(t / HOUR_NS), key = strike * 2 + (isCall ? 1 : 0);
    const last = this.#lastSign.get(key);
    const lean = this.#leaning[hour] ??= Math.max(-0.8, Math.min(0.8, 0.3 * random.normal()));
    const sign = last !== undefined && random.uniform() < 0.18
      ? -last
      : random.uniform() < 0.5 + 0.5 * lean
      ? 1
      : -1;
    this.#lastSign.set(key, sign);
    return sign;
  }

  #hold(strike: number, isCall: boolean, signed: number, size: number): void {
    const key = strike * 2 + (isCall ? 1 : 0);
    let held = this.#positions.get(key);
    if (!held) this.#positions.set(key, held = { strike, isCall, inventory: 0, volume: 0 });
    held.inventory -= signed;
    held.volume += size;
  }

  #printOther(t: number): void {
    const random = this.#random;
    const [root, price] = OTHER_ROOTS[random.int(OTHER_ROOTS.length)];
    const strike = Math.round(price * (0.97 + 0.06 * random.uniform()));
    const { date } = this.#expirations[random.int(this.#expirations.length)];
    this.prints.push({
      t: this.#stamp(t),
      ticker: occTicker(root, date, random.uniform() < 0.5 ? "C" : "P", strike),
      conditions: random.uniform() < 0.6 ? "209" : "232",
      correction: 0,
      exchange: EXCHANGES[random.int(EXCHANGES.length)],
      price: Math.max(1, Math.round(price * random.exponential(1))) / 100,
      size: 1 + random.geometric(0.5),
      aggressor: 0,
      iv: NaN,
      spot: NaN,
    });
  }

  /**
   * Dealers' gamma near a price as the pipeline defines `gamma_norm`, from the true aggressors so far.
   *
   * @param price SPY dollars.
   * @returns −1 to 1; NaN where nothing traded.
   */
  gammaNear(price: number): number {
    let exposure = 0, total = 0;
    const years = yearsTo(this.#surface, this.#now, 0);
    for (const { strike, inventory, volume } of this.#positions.values()) {
      if (Math.abs(strike - price) > CONFIG.fuel.strikeDistance) continue;
      const vol = volatilityOf(this.#surface, this.#now, { strike, sessionsAhead: 0 });
      const gamma = optionGamma(this.#spot, strike, years, vol);
      exposure += inventory * gamma;
      total += volume * gamma;
    }
    return exposure / total;
  }

  /** At-the-money volatility of same-day options. @param t ns since the session's start. */
  atTheMoneyVol(t: number): number {
    return volatilityOf(this.#surface, t, { strike: this.#spot, sessionsAhead: 0 });
  }
}

/** The quote a print takes, in cents: half a spread from fair, now and then a cent better. */
function quotedAt(fair: number, aggressor: number, wider: number, random: Random): number {
  const cents = fair * 100;
  const width = wider * (cents < 8 ? 1 : cents < 20 ? 3 : cents < 50 ? 5 : cents < 500 ? 7 : 9);
  const bid = Math.round(cents - width / 2);
  const better = width > 1 && random.uniform() < 0.04 ? 1 : 0;
  return aggressor > 0 ? bid + Math.round(width) - better : bid + better;
}
