/**
 * A session of the simulated market, minute by minute.
 *
 * @module
 */
import { MINUTE_NS, Random, type Session, sessionOf, utcDate } from "../base/mod.ts";
import { FairPrice } from "./fair_price.ts";
import { type Flow, makeFlow, midOf, priceAt } from "./flow.ts";
import { type Instruments, instrumentsOf } from "./instruments.ts";
import { bookMessage, closeSpread } from "./makers.ts";
import { OptionMarket } from "./options.ts";
import { MARKET, type SimulatedEffects } from "./parameters.ts";
import { type DayPath, dayPath, spyPerPoint } from "./path.ts";
import { type Piece, Recorder } from "./recorder.ts";
import { earliest, newSchedule, type Schedule, scheduleMinute } from "./schedule.ts";
import { drawSign, drawTradeSize, type FlowEvents, placeIceberg, trade } from "./takers.ts";
import { type MinuteBar, OPEN_MINUTE, Touches } from "./touches.ts";
import type { MinuteTruth, RefillTruth } from "./truth.ts";

/** Mean contracts of a trade as executed. */
const MEAN_TRADE = 2.15;
/** Messages of the leader between two looks at where the nearest level is. */
const ZONE_EVERY = 8;

/** Share of its usual trades that a busy minute has while earlier ones are paid back, and trades that make it busy. */
const DEBTOR_PACE = 0.3, BUSY_TRADES = 12;

/** The market of one session; call {@linkcode SimulatedMarket.minute} for each minute in order. */
export class SimulatedMarket {
  /** The calendar's session. */
  readonly session: Session;
  /** Minutes of the session, from 18:00. */
  readonly minutes: number;
  /** The option prints and their surface. */
  readonly options: OptionMarket;
  /** Levels, their touches and what came of them. */
  readonly touches: Touches;
  /** Refills of icebergs so far. */
  readonly refills: RefillTruth[] = [];
  /** What is true of the minutes so far. */
  readonly minuteTruth: MinuteTruth[] = [];
  readonly #date: string;
  readonly #scale: number;
  readonly #path: DayPath;
  readonly #instruments: Instruments;
  readonly #random: Random;
  readonly #recorder: Recorder;
  readonly #flows: Flow[];
  readonly #leader: Flow;
  readonly #schedules: Schedule[];
  readonly #fair: FairPrice;
  readonly #leaderEvents: FlowEvents;
  #thickness = 0;
  #regular = false;
  #bar: MinuteBar | undefined;
  #messages = 0;

  /**
   * @param date Trade date.
   * @param options Seed, scale of activity and effects.
   */
  constructor(date: string, options: { seed: string; scale: number; effects: SimulatedEffects }) {
    const { seed, scale, effects } = options;
    const draws = (what: string) => new Random(`${seed}/${date}/${what}`);
    this.#date = date;
    this.#scale = scale;
    this.session = sessionOf(date);
    const path = this.#path = dayPath(seed, date);
    this.minutes = path.volatility.length;
    const { all, leader } = this.#instruments = instrumentsOf(date);
    this.#random = draws("flow");
    this.#recorder = new Recorder(all, this.session.overnightNs, draws("feed"), `simulated-${date}`);
    const near = path.open / this.#scaleOf(0, 0), far = path.open / this.#scaleOf(1, 0);
    const deep = Math.max(2, 0.6 * MARKET.depth.deep * Math.sqrt(scale));
    // Makers follow the price, and change a zone, as fast at any scale: else a quiet market's price could be foreseen.
    const haste = 1 / scale;
    this.#flows = [near, far, far - near].map((price, i) =>
      makeFlow(i, { tick: all[i].tick, price, deep, haste }, this.#random)
    );
    this.#schedules = this.#flows.map(newSchedule);
    const flow = this.#leader = this.#flows[leader];
    const target = path.next / this.#scaleOf(leader, this.minutes * MINUTE_NS) / flow.tick;
    this.#fair = new FairPrice(flow.book.lowTick + flow.fair, target, path.volatility, draws("fair"));
    this.touches = new Touches(effects, draws("touches"));
    this.options = new OptionMarket({ date, scale, random: draws("options"), path });
    this.#leaderEvents = {
      onTrade: (t, price) => this.#onTrade(t, price),
      onRefill: (t, price, side, size) => void this.refills.push({ t, price, side, size }),
    };
  }

  /** SPY dollars a point of an instrument. */
  #scaleOf(index: number, t: number): number {
    return spyPerPoint(this.#path, this.#date, this.#instruments.all[index].expiry, t);
  }

  #leaderScale(t: number): number {
    return this.#scaleOf(this.#instruments.leader, t);
  }

  /**
   * Plays a minute.
   *
   * @param minute 0 at 18:00; each minute once, in order.
   * @returns Batches that became full, at the end of a UTC date and of the session the rest.
   */
  *minute(minute: number): Generator<Piece> {
    const fileDate = (m: number) => utcDate(this.session.overnightNs + BigInt(m * MINUTE_NS));
    const date = fileDate(minute), before = minute > 0 ? fileDate(minute - 1) : date;
    if (minute === 0) { for (const flow of this.#flows) this.#openBook(flow); }
    if (date !== before) {
      yield* this.#recorder.take(before);
      for (const flow of this.#flows) this.#recorder.snapshot(flow.instrument, minute * MINUTE_NS, flow.book);
    }
    this.#startMinute(minute);
    for (let which = earliest(this.#schedules); which >= 0; which = earliest(this.#schedules)) {
      this.#message(which);
      if (this.#recorder.full) yield* this.#recorder.take(date);
    }
    this.#endMinute(minute);
    if (minute === this.minutes - 1) yield* this.#recorder.take(date);
  }

  /** The Globex open: the book is cleared, an auction prints without aggressor, orders appear. */
  #openBook(flow: Flow): void {
    const { book, instrument } = flow;
    this.#recorder.begin(instrument * 3000);
    const auction = { price: priceAt(flow, book.bid), size: 1 + this.#random.int(20) };
    this.#recorder.opening(instrument, auction, book);
  }

  #startMinute(minute: number): void {
    const random = this.#random, { records, volume, depth, iceberg } = MARKET;
    const close = Number(this.session.closeNs - this.session.overnightNs) / MINUTE_NS;
    this.#regular = minute >= OPEN_MINUTE && minute < close;
    this.#bar = undefined;
    this.#fair.startMinute(minute);
    this.touches.startMinute(minute, this.#regular);
    const keep = 0.5 ** (1 / depth.halfLife);
    this.#thickness = this.#thickness * keep + depth.sd * Math.sqrt(1 - keep * keep) * random.normal();
    const share = this.#path.volume[minute];
    const wanted = volume * this.#scale * share * Math.exp(MARKET.volumeNoise * random.normal());
    // Depth follows the clock's activity, not the bursts: they must not be told from the book.
    const thick = Math.sqrt(this.#scale) * (share * 500) ** depth.power * Math.exp(this.#thickness);
    this.#flows.forEach((flow, i) => {
      const schedule = this.#schedules[i], contracts = wanted * this.#instruments.all[i].share;
      const leads = flow === this.#leader;
      schedule.volumeLeft += contracts;
      schedule.trades = contracts / MEAN_TRADE;
      const floor = records.floor * Math.min(1, this.#scale) * (leads ? 1 : 0.3);
      scheduleMinute(schedule, minute * MINUTE_NS, records.perTrade * schedule.trades + floor, random);
      flow.best = Math.max(1.5, depth.best * thick * (leads ? 1 : 0.6));
      flow.deep = Math.max(2.5, depth.deep * thick * (leads ? 1 : 0.6));
      flow.order = Math.max(1.25, 0.12 * flow.deep);
    });
    if (this.#regular && random.uniform() < iceberg.chance) {
      placeIceberg(this.#leader, random.uniform() < 0.5 ? 1 : -1, random);
    }
  }

  #message(which: number): void {
    const schedule = this.#schedules[which], flow = this.#flows[which], random = this.#random;
    const t = schedule.times[schedule.next++];
    this.#fair.moveTo(t, this.touches.drift / this.#leader.tick);
    if (flow !== this.#leader) this.#follow(which, t);
    else {
      flow.fair = this.#fair.value - flow.book.lowTick;
      if (this.#messages++ % ZONE_EVERY === 0) this.#setZone(t);
    }
    const left = schedule.count - schedule.next + 1;
    // A sweep takes what later minutes would trade; busy ones pay it back by trading less, not by falling silent.
    const least = schedule.trades < BUSY_TRADES ? 0 : DEBTOR_PACE * schedule.trades / schedule.count;
    if (random.uniform() < Math.min(0.6, Math.max(least, schedule.volumeLeft / MEAN_TRADE / left))) {
      this.#trade(schedule, flow, t);
    } else bookMessage(flow, t, this.#recorder, random);
    if (flow.book.ask - flow.book.bid > 1) {
      closeSpread(flow, this.#recorder.lastEvent, this.#recorder, random);
    }
  }

  #trade(schedule: Schedule, flow: Flow, t: number): void {
    const random = this.#random, { book } = flow, leads = flow === this.#leader;
    const sign = drawSign(flow, random);
    const shown = sign > 0 ? book.size[book.ask] : book.size[book.bid];
    let size = drawTradeSize(random), levels = 2;
    if (size > shown && random.uniform() < 0.9) size = shown;
    const sweeps = leads && this.#regular && random.uniform() < MARKET.sweeps / Math.max(1, schedule.trades);
    if (sweeps) {
      levels = 3 + random.int(3);
      size = Math.max(20, Math.round(levels * flow.deep));
    }
    const mid = midOf(flow);
    const events = leads ? this.#leaderEvents : UNWATCHED;
    schedule.volumeLeft -= trade(flow, t, { sign, size, levels }, this.#recorder, random, events);
    // A sweep is news: the fair price goes with it, or the price would come back and could be foreseen.
    if (sweeps) this.#fair.value += midOf(flow) - mid;
    if (leads) flow.fair = this.#fair.value - book.lowTick;
  }

  #onTrade(t: number, price: number): void {
    this.options.quote(t, price);
    this.touches.onTrade(t, price);
    const bar = this.#bar;
    if (!bar) {
      this.#bar = { high: price, low: price, close: price };
      return;
    }
    if (price > bar.high) bar.high = price;
    if (price < bar.low) bar.low = price;
    bar.close = price;
  }

  /** Other contracts keep their distance from the leader. */
  #follow(which: number, t: number): void {
    const flow = this.#flows[which];
    const spot = this.#leaderMid() * this.#leaderScale(t);
    const price = which === 2
      ? spot / this.#scaleOf(1, t) - spot / this.#scaleOf(0, t)
      : spot / this.#scaleOf(which, t);
    flow.fair = price / flow.tick - flow.book.lowTick;
  }

  /** Mid price of the leader, points. */
  #leaderMid(): number {
    const { book, tick } = this.#leader;
    return (book.lowTick + midOf(this.#leader)) * tick;
  }

  #setZone(t: number): void {
    const { zone, book, tick } = this.#leader, { touch } = MARKET;
    const { pressure } = this.touches;
    zone.high = zone.low - 1;
    if (pressure === 0) return;
    const price = this.#leaderMid(), scale = this.#leaderScale(t);
    const level = this.touches.nearest(price, scale);
    if (Math.abs(level - price) * scale > touch.approach) return;
    const at = Math.round(level / tick) - book.lowTick;
    zone.low = at - touch.zoneTicks;
    zone.high = at + touch.zoneTicks;
    // Pressure up: a level above is pulled, a level below defended.
    zone.asks = pressure > 0 ? touch.pull : touch.defend;
    zone.bids = pressure > 0 ? touch.defend : touch.pull;
  }

  #endMinute(minute: number): void {
    const { book, tick } = this.#leader;
    const barStart = minute * MINUTE_NS, t = barStart + MINUTE_NS;
    this.#fair.moveTo(t, this.touches.drift / tick);
    const scale = this.#leaderScale(t), sigma = this.#fair.sigma * tick;
    this.options.endMinute(minute, (at) => this.#leaderScale(at));
    const bid = book.size[book.bid], ask = book.size[book.ask];
    const { pressure } = this.touches;
    if (this.#bar) {
      const imbalance = (bid - ask) / (bid + ask);
      const gammaNear = (price: number) => this.options.gammaNear(price);
      this.touches.endMinute(this.#bar, { t, barStart, scale, imbalance, sigma, gammaNear }, this.#regular);
    }
    const mid = this.#leaderMid();
    this.minuteTruth.push({
      t: barStart,
      spy_per_es: scale,
      spot: mid * scale,
      basis: mid / 10 - mid * scale,
      iv: this.options.atTheMoneyVol(t),
      sigma,
      pressure,
      drift: this.touches.drift,
    });
  }
}

const UNWATCHED: FlowEvents = { onTrade: () => {}, onRefill: () => {} };
