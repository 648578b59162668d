/**
 * What the simulated market is like. These numbers make the data; no stage of the pipeline reads them.
 *
 * @module
 */

/** Strength of what moves the market after a touch; all zero is the null market. */
export interface SimulatedEffects {
  /** Weight of the latent D (defend −1, neutral 0, pull +1) in the log-odds of a break. */
  beta: number;
  /** Weight of the best quotes' imbalance at the bar's close, signed toward the break. */
  gamma: number;
  /** Weight of the dealers' short gamma near the level, −gamma_norm. */
  delta: number;
}

/** The effects of a market with signal. */
export const DEFAULT_EFFECTS: SimulatedEffects = { beta: 1.2, gamma: 0.5, delta: 0.5 };

/** No effect: nothing observable says where the price goes. */
export const NULL_EFFECTS: SimulatedEffects = { beta: 0, gamma: 0, delta: 0 };

/** The market's numbers at scale 1. */
export const MARKET = {
  /** Date whose opening price is `anchorPrice`. */
  anchorDate: "2025-12-01",
  /** SPY at the Globex open of `anchorDate`, dollars. */
  anchorPrice: 683.4,
  /** Root mean square of 1-minute returns in the regular session. */
  minuteVolatility: 4.7e-4,
  /** Power of minute volume that volatility follows. */
  volatilityPower: 0.42,
  /** Standard deviation of a day's log volatility. */
  dayVolatility: 0.33,
  /** Standard deviation and half-life (minutes) of log volatility within the day. */
  burst: { sd: 0.42, halfLife: 15 },
  /** Part of a minute's move that goes with the next minute, in its standard deviations. */
  transient: 0.17,
  /** Futures over spot: growth a year, and SPY's share of a tenth of the index. */
  carry: { perYear: 0.036, spyShare: 0.9985 },
  /** Waves of the ES/SPY basis within a day: amplitude in dollars, period in hours. */
  basisWaves: [{ dollars: 0.05, hours: 5 }, { dollars: 0.02, hours: 2.7 }],
  /** Contracts traded on a day. */
  volume: 60_000,
  /** Standard deviation of a minute's log volume about the profile. */
  volumeNoise: 0.07,
  /** Book records for each trade, and at least this many a minute. */
  records: { perTrade: 10.5, floor: 4 },
  /** Target sizes in the regular session's mean minute: best level, deeper levels; their slow changes. */
  depth: { best: 7.7, deep: 12, power: 0.25, sd: 0.4, halfLife: 30 },
  /** Share of front-contract volume that the other quarterly and the calendar spread trade. */
  shares: { far: 0.035, spread: 0.025, spreadInRoll: 0.06 },
  /** Sweeps a regular minute. */
  sweeps: 0.07,
  /** A minute's chance that an iceberg is placed; its shown size and mean reserve in multiples of the best target. */
  iceberg: { chance: 0.25, shown: 0.5, reserve: 3 },
  /**
   * Touches: the defending side's target in a touched zone when the level is defended and when it is pulled; `stride`
   * is the share of the way to it that one order goes.
   */
  touch: {
    defend: 2.2,
    pull: 0.25,
    zoneTicks: 20,
    stride: 0.35,
    approach: 0.45,
    regimeMinutes: 10,
    outcomeMinutes: 8,
  },
  /**
   * SPY option prints a day, rows of other underlyings as a share of them, share of multi-leg prints, chance of an
   * answer in the other right, chance that a contract trades again and after how many seconds on average, mean and
   * sd of log size. Prints are sixty times fewer than on a real day, but come in runs as real ones do: what decides
   * whether a print's sign can be told is how far the price went since the contract's last one.
   */
  options: {
    prints: 22_000,
    others: 0.12,
    multiLeg: 0.4,
    pairs: 0.4,
    again: { chance: 0.45, seconds: 2 },
    size: { log: 3.4, sd: 1.6 },
  },
} as const;
