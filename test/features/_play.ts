/**
 * Plays a day minute by minute and asks for the derived features of each bar's touches, as the Gold build does.
 *
 * @module
 */
import { CONFIG, Random, type Session } from "../../lib/base/mod.ts";
import {
  appendTouch,
  type BarContext,
  barContext,
  type DerivedFeatures,
  derivedFeatures,
  newTouchLog,
  type OrderFlow,
  type TouchLog,
} from "../../lib/features/mod.ts";
import {
  closeBar,
  type History,
  type Level,
  levelsAt,
  newBoard,
  newSession,
  type SessionState,
  type Touch,
  touchesOf,
} from "../../lib/levels/mod.ts";
import { appendPrints, appendTrades, MINUTE, NO_HISTORY, randomDay } from "../levels/_play.ts";
import type { FlowPrint } from "../reference/fuel.ts";
import type { Trade } from "../reference/levels_naive.ts";

export interface FlowDay {
  session: Session;
  history?: History;
  trades: readonly Trade[];
  prints: readonly FlowPrint[];
  /** SPY per ES of a minute. */
  scale: (minute: number) => number;
}

export interface PlayedRow {
  touch: Touch;
  levels: readonly Level[];
  context: BarContext;
  flow: OrderFlow;
  features: DerivedFeatures;
}

export interface PlayedDay {
  state: SessionState;
  log: TouchLog;
  rows: PlayedRow[];
}

export function appendFlowPrints(state: SessionState, prints: readonly FlowPrint[]): void {
  const { options } = state, first = options.length;
  appendPrints(state, prints);
  prints.forEach((print, i) => {
    options.ownIv[first + i] = print.ownIv;
    options.dealerFlow[first + i] = print.dealerFlow;
  });
}

/** Plays the events before `until`, a whole minute. */
export function playDay(day: FlowDay, until = Infinity): PlayedDay {
  const state = newSession(day.session, day.history ?? NO_HISTORY), board = newBoard();
  const played: PlayedDay = { state, log: newTouchLog(), rows: [] };
  let t = 0, p = 0;
  for (let minute = 0; minute < Math.min(until, state.at.end); minute += MINUTE) {
    const trades: Trade[] = [], prints: FlowPrint[] = [];
    for (; t < day.trades.length && day.trades[t].ts < minute + MINUTE; t++) trades.push(day.trades[t]);
    for (; p < day.prints.length && day.prints[p].ts < minute + MINUTE; p++) prints.push(day.prints[p]);
    const scale = day.scale(minute), regular = minute >= state.at.open && minute < state.at.close;
    const levels = regular ? levelsAt(state, board, minute, scale, CONFIG) : [];
    appendTrades(state, trades);
    appendFlowPrints(state, prints);
    const bar = closeBar(state, minute);
    const touches = bar < 0 ? [] : touchesOf(state, bar, levels, scale, CONFIG);
    if (touches.length === 0) continue;
    const context = barContext(state, board, bar, scale, CONFIG);
    for (const touch of touches) {
      const flow = orderFlow(touch);
      const around = { state, log: played.log, levels, context, flow };
      const features = derivedFeatures(touch, around, CONFIG);
      played.rows.push({ touch, levels, context, flow, features });
    }
    for (const { touch, flow, features } of played.rows.slice(-touches.length)) {
      appendTouch(played.log, touch, flow, features.attempt_cluster);
    }
  }
  return played;
}

/** Order flow that depends on nothing but the touch; one in five is without a book. */
export function orderFlow(touch: Touch): OrderFlow {
  const random = new Random(`${touch.ts} ${touch.kind} ${touch.levelEs}`);
  const book = random.int(5) > 0 ? 1 : NaN, quiet = random.int(6) === 0 ? NaN : 1;
  const states = ["VACUUM", "CONSUMED", "WALL", "ABSORPTION", "WEAK", "NEUTRAL"];
  return {
    replenishment_ratio: book * random.uniform(),
    barrier_delta_liq: book * (random.int(200) - 100),
    barrier_theta: book * (5 + random.int(40)),
    wall_ratio: book * random.int(4) * random.uniform(),
    barrier_state: Number.isNaN(book) ? null : states[random.int(6)],
    tape_velocity: random.int(10) / 6,
    tape_imbalance: quiet * (2 * random.uniform() - 1),
    tape_price_velocity: quiet * 0.01 * random.normal(),
    sweep_direction: random.int(8) === 0 ? 1 - 2 * random.int(2) : 0,
  };
}

/** A random day with 400 earlier closes, a drifting scale and prints that have flow. */
export function randomFlowDay(seed: number, trades = 3000, prints = 1500): FlowDay {
  const { session, trades: tape, prints: bare } = randomDay(seed, trades, prints);
  const random = new Random(`flow ${seed}`);
  let close = 6000;
  return {
    session,
    history: {
      closes: Float64Array.from({ length: 402 }, () => close += 0.25 * (random.int(9) - 4)),
      previous: { high: 6012.25, low: 5990.5, close: 6001 },
    },
    trades: tape,
    prints: bare.map((print) => ({
      ...print,
      dealerFlow: Number.isNaN(print.iv)
        ? NaN
        : -print.aggressor * print.size * 100 * (0.02 + 0.1 * random.uniform()),
      ownIv: random.int(3) > 0 ? 1 : 0,
    })),
    scale: (minute) => 0.1 + 2e-6 * Math.floor(minute / MINUTE / 3),
  };
}
