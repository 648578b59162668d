/**
 * The one place where a window, a band or a threshold is set. Every number's meaning is in its comment.
 *
 * Stages take the part they read as an argument, and its content enters the keys of what they write.
 *
 * @module
 */

/** Defaults of every stage. */
export const CONFIG = {
  /** The products and the scale of their prices. */
  market: {
    /** Dataset of the futures' DBN files, as their metadata has it. */
    dataset: "GLBX.MDP3",
    /** Futures product: the partition `symbol=`. */
    symbol: "ES",
    /** Option underlying: the partition `underlying=` and the OCC root. */
    underlying: "SPY",
    /** Futures tick, points. */
    tickEs: 0.25,
    /** Futures multiplier, dollars a point. */
    dollarsPerPoint: 50,
    /** Shares an option contract stands for. */
    optionShares: 100,
    /** Slack of every price comparison, dollars, bounds inclusive. */
    slack: 1e-6,
  },
  /** SPY per ES: how futures prices become SPY dollars. */
  scale: {
    /** `parity` from option pairs, or `fixed`. */
    mode: "parity" as "parity" | "fixed",
    /** The scale in `fixed` mode and when nothing else is known. */
    fixed: 0.1,
    /** Longest time between the two prints of a pair, seconds. */
    pairSeconds: 3,
    /** Largest distance of a pair's strike from spot, dollars. */
    strikeDistance: 3,
    /** Window of the median, minutes. */
    windowMinutes: 15,
    /** Fewest pairs for a value. */
    minPairs: 20,
  },
  /** Contract filter. */
  filter: {
    /** Default rule. */
    rule: "calendar" as "calendar" | "prior" | "session",
    /** Share of the chosen contract at and above which the filter passes. */
    passShare: 0.9,
    /** Share below which it fails (outside roll week). */
    failShare: 0.5,
    /** Common regular minutes whose median is the recorded calendar spread. */
    spreadMinutes: 30,
  },
  /** Audit thresholds. */
  audit: {
    /** Row count against the median of the lake's other sessions: lowest and highest ratio. */
    rowsRatio: [0.2, 5] as const,
    /** Buy share of signed volume: lowest and highest. */
    buyShare: [0.3, 0.7] as const,
    /** Largest share of books with inverted levels. */
    inversionShare: 0.01,
    /** Fewest of the session's minutes with both ES and options. */
    overlapShare: 0.9,
    /** Largest share of books that are locked or crossed while the market is open. */
    crossedShare: 0.001,
    /** Silence that is a finding, seconds. */
    silenceSeconds: 120,
    /** And at least this many of the mean gaps between seconds with rows, in the half-hour before or after it: in the
     * regular session, and outside it, where the pace is uneven. */
    silenceGaps: { regular: 30, other: 40 },
    /** Silence that is a finding at any pace, seconds. */
    silenceMost: 7200,
    /** Share of the session's minutes with a trade below which it is thin. */
    thinShare: 0.25,
    /** Share of books one tick wide below which a session is thin. */
    oneTickShare: 0.6,
    /** A book unchanged for longer, while trades go on, is stale, seconds. */
    staleSeconds: 60,
    /** Receive delay beyond which a record is late, milliseconds. */
    delayMs: 1000,
    /** Records in a row that all come twice: below it they are fills that happen to be alike. */
    repeatedRun: 10,
    /** Step away from the last price that is an outlier where prices come back, share of the price. */
    priceJump: 0.01,
    /** Trades in a row after which a step is a new price. */
    jumpTrades: 5,
    /** Ratio to the contract's price beyond which a price is on another scale. */
    scaleRatio: 2,
    /** Move within minutes at which the whole market is halted, share of the price: a larger one is a bad price. */
    haltMove: 0.07,
    /** SPY per ES by put–call parity: lowest and highest. */
    spyPerEs: [0.095, 0.105] as const,
    /** Ratio of strike and spot beyond which a strike is of another underlying. */
    strikeRatio: 3,
    /** An option that prints below what exercise pays by more is of the other right, dollars. */
    rightSlack: 1,
    /** Share of calls among option prints: lowest and highest. */
    callShare: [0.1, 0.9] as const,
    /** Smallest share of option prints that expire on their day. */
    zeroDteShare: 0.05,
    /** Largest share of multi-leg and stock-tied option prints. */
    multiLegShare: 0.8,
    /** Trading days on either side of a roll in which two contracts share the volume. */
    rollDays: 5,
    /** Sessions that row counts are compared with, the nearest. */
    neighbours: 20,
    /** Examples a finding shows. */
    examples: 4,
  },
  /** Option enrichment. */
  options: {
    /** Condition codes of cancelled prints: they leave the flow. */
    cancelled: [201, 203, 205, 207] as readonly number[],
    /** Condition codes of late prints: aggressor 0, they set nothing. */
    late: [202, 204, 206, 208] as readonly number[],
    /** First and last condition code of multi-leg and stock-tied prints. */
    multiLeg: [232, 247] as const,
    /** Signed price change beyond which a print is signed by it, dollars. */
    signThreshold: 0.005,
    /** Trading seconds in a year: 252 days of 6.5 hours. */
    yearSeconds: 252 * 6.5 * 3600,
    /** Trading seconds in a full day. */
    daySeconds: 6.5 * 3600,
    /** Least time to expiry, minutes. */
    floorMinutes: 5,
    /** Extrinsic value from which a print's own price gives its volatility, dollars. */
    minExtrinsic: 0.02,
    /** Bounds of implied volatility, per √year. */
    ivBounds: { min: 0.01, max: 5.0 },
    /** How long a volatility stays usable for other strikes, minutes. */
    surfaceMinutes: 5,
    /** Volatility when nothing is known. */
    defaultIv: 0.2,
  },
  /** Sources over the network. */
  wire: {
    /** Attempts in a row that bring nothing before a request is given up. */
    attempts: 8,
    /** Longest wait before the second attempt, milliseconds; it doubles with each further one. */
    backoffMs: 500,
    /** Bound of that, milliseconds. */
    maxBackoffMs: 30_000,
    /** Longest wait a server may ask for, milliseconds; beyond, the run ends and can be continued later. */
    maxRetryAfterMs: 300_000,
    /** Silence of a server after which a request is broken off, milliseconds. */
    idleMs: 30_000,
    /** Requests a second to the REST service. */
    requestsPerSecond: 10,
    /** Prints a page of the REST service. */
    pageRows: 50_000,
    /** Contracts a page of the REST service. */
    pageContracts: 1000,
    /** Longest page that is read, bytes. */
    maxPageBytes: 64 * 2 ** 20,
  },
  /** The live services. */
  stream: {
    /** How long the server keeps messages, hours. */
    keepHours: 72,
    /** How long the server drops a message whose id it has seen, hours. */
    duplicateHours: 24,
    /** Rows at which a service makes its rows durable. */
    flushRows: 100_000,
    /** And the longest it holds any, seconds. */
    flushSeconds: 20,
    /** How long the server waits for an acknowledgement before it delivers again, seconds; well beyond a flush. */
    ackSeconds: 90,
    /** Messages a service holds unacknowledged at most; it flushes at half of it. */
    maxUnacknowledged: 20_000,
    /** Deliveries after which a message that cannot be read goes to quarantine. */
    maxDeliveries: 5,
    /** How late an event may come behind the latest one and still find its minute open, milliseconds. */
    toleranceMs: 1000,
    /** Event time of a replayed message, milliseconds. */
    batchMs: 250,
    /** Rows of a replayed message, about: rows of one moment stay together. */
    batchRows: 1500,
    /** Event time that a replay has unacknowledged at most, milliseconds: what a fault of the server can disorder. */
    inFlightMs: 500,
    /** First and longest wait before something that failed is tried again, milliseconds. */
    retryMs: [250, 10_000] as const,
  },
  /** Bars and levels. */
  levels: {
    /** Bars of the average true range. */
    atrBars: 14,
    /** Two-minute closes in the moving averages. */
    smaBars: [200, 400] as const,
    /** Earlier sessions that may stand in front of the moving averages. */
    historySessions: 3,
    /** Opening range, minutes from the open. */
    openingRangeMinutes: 15,
    /** Step of ROUND levels, dollars. */
    roundStep: 1,
    /** ROUND levels are offered within this distance of the last price before the bar, dollars: further than a minute carries it. */
    roundDistance: 25,
    /** Volume above which a strike is a level, contracts. */
    strikeVolume: 100,
    /** Multiple of the neighbourhood's median volume from which a strike is a level. */
    strikeMedianRatio: 2,
    /** Neighbourhood of that median, dollars. */
    strikeNeighbourhood: 5,
  },
  /** Touches. */
  touches: {
    /** How far beyond a bar's range a level still counts as touched, dollars. */
    reach: 0.1,
    /** Largest |close − level|, dollars. */
    closeBand: 0.25,
    /** Minutes to the close a touch must leave. */
    forwardMinutes: 16,
  },
  /** Barrier physics. */
  barrier: {
    /** Half-width of the zone, ES ticks. */
    zoneTicks: 8,
    /** θ as a fraction of the trailing mean size times the visible zone ticks. */
    thetaFraction: 0.25,
    /** Window of the trailing mean, minutes. */
    trailingMinutes: 30,
  },
  /** Tape physics. */
  tape: {
    /** Half-width of the band, dollars. */
    band: 0.5,
    /** Longest gap inside a sweep, milliseconds. */
    sweepGapMs: 100,
    /** Fewest distinct prices of a sweep. */
    sweepPrices: 3,
    /** Least size of a sweep, contracts. */
    sweepSize: 20,
    /** Percentile of the trailing runs a sweep must reach. */
    sweepQuantile: 0.99,
    /** Window of the trailing runs, minutes. */
    sweepMinutes: 30,
  },
  /** Fuel and dealer flow. */
  fuel: {
    /** Strikes within this distance of the level, dollars. */
    strikeDistance: 2,
    /** |gamma_norm| beyond which dealers amplify or dampen. */
    effectThreshold: 0.1,
    /** Window of the flow's velocity, minutes. */
    velocityMinutes: 5,
    /** Window of its baseline, minutes. */
    baselineMinutes: 20,
    /** Windows whose consecutive flows are compared in `_accel_1m` and `_accel_3m`, minutes. */
    accelMinutes: [1, 3] as const,
    /** Scale of dealer pressures, shares per minute. */
    pressureScale: 50_000,
  },
  /** Context, approach, confluence and attempts. */
  context: {
    /** Window of realised volatility and of σ, minutes. */
    volatilityMinutes: 30,
    /** Fewest changes in that window that give a volatility. */
    volatilityChanges: 10,
    /** Window of SMA slopes, minutes, and two-minute bars of the short slope. */
    slopeMinutes: 20,
    /** Two-minute bars of the short slope. */
    slopeBars: 5,
    /** One-minute changes in the reversion's deviation. */
    reversionBars: 20,
    /** Window of the reversion's velocity, minutes. */
    reversionMinutes: 10,
    /** Distance within which levels are confluent, dollars. */
    confluenceBand: 0.2,
    /** Weights of the kinds of key levels. */
    confluenceWeights: { PM: 1.0, OR: 0.9, SMA: 0.8, VWAP: 0.7, SESSION: 0.6, WALL: 1.0 },
    /** Window of the approach, minutes. */
    approachMinutes: 10,
    /** Same level: prices within this, dollars. */
    sameLevel: 0.005,
    /** Attempts join within this time, minutes. */
    attemptMinutes: 15,
    /** And within this distance, dollars. */
    attemptBand: 0.1,
    /** Obstruction lies within this beyond the level, dollars. */
    runwayDistance: 1,
  },
  /** Scores. */
  scores: {
    /** Weights of liquidity, hedge and tape. */
    weights: { liquidity: 0.45, hedge: 0.35, tape: 0.2 },
    /** Score of each barrier state. */
    liquidity: { VACUUM: 100, WEAK: 75, CONSUMED: 60, NEUTRAL: 50, ABSORPTION: 0, WALL: 0 },
    /** Score of each fuel effect. */
    hedge: { AMPLIFY: 100, NEUTRAL: 50, DAMPEN: 0 },
    /** Tape score of a sweep in the break direction; without one the most that velocity and imbalance give. */
    tape: { sweep: 100, velocity: 25, imbalance: 25 },
  },
  /** Labels. */
  labels: {
    /** Minutes from the bar's open to t1; the primary one is also stored without suffix. */
    horizons: [2, 4, 8] as const,
    /** The primary horizon, minutes. */
    primary: 4,
    /** Forward window from t1, seconds. */
    forwardSeconds: 480,
    /** Oldest book or trade that anchors, seconds. */
    anchorSeconds: 60,
    /** Excursion of a break or bounce, dollars. */
    threshold: 2,
    /** The lower tradeable threshold, dollars. */
    lowThreshold: 1,
    /** First passage: lowest barrier, dollars. */
    passageFloor: 0.3,
    /**
     * First passage: barrier in σ√minutes: U = max(floor, factor·σ·√minutes). The simulator's drift is made for the
     * same barrier. At 2 a driftless walk decides in 9 % of cases.
     */
    passageFactor: 1,
    /** First passage: minutes under the root. */
    passageMinutes: 8,
  },
  /** Models: splits, boosting, verdicts. */
  training: {
    /** Sessions left out between training, validation and test dates. */
    embargoSessions: 1,
    /** Share of the dates that is tested, and that early stopping and calibrators look at, unless a count is given. */
    shares: { test: 0.2, valid: 0.15 },
    /** Test dates a fold covers; the next fold is trained on the dates that have passed. */
    foldDates: 10,
    /** Bounds of the `reach` heads: dollars (the labels' thresholds) and seconds from t1. */
    reach: { dollars: [1, 2] as const, seconds: [60, 120, 180, 300] as const },
    /** Features of the second baseline: volatility, time of day and the kind of level. */
    baselineFeatures: ["atr", "rv_30m", "bars_since_open", "level_kind"] as const,
    /** Boosted trees; strong regularisation, as the signal is weak. */
    boosting: {
      /** Trees at most. */
      numTrees: 300,
      /** Shrinkage. */
      learningRate: 0.05,
      /** Leaves of a tree at most. */
      numLeaves: 6,
      /** Depth at most. */
      maxDepth: 5,
      /** L2 penalty; row weights have mean 1. */
      lambdaL2: 10,
      /** Fewest rows of a leaf. */
      minDataInLeaf: 30,
      /** Share of rows a tree sees. */
      baggingFraction: 0.8,
      /** Share of features a tree sees. */
      featureFraction: 0.5,
      /** Value bins of a feature. */
      maxBins: 63,
      /** Rounds without a better validation loss before training stops. */
      earlyStoppingRounds: 30,
    },
    /** Seed of sampling and of the bootstrap. */
    seed: 1,
    /**
     * The questions a run is judged by, declared before it is seen: their verdicts are corrected for each other over
     * every set of the run; those of all other heads among themselves.
     */
    primaryFamily: ["fp_outcome", "direction_4m", "tradeable_2_4m"] as readonly string[],
    /** Dates from which the default test span has the dates that a verdict wants: 20 test, 7 validation, 15 to learn. */
    verdictFrom: 44,
    /**
     * Verdicts: resamples of the test dates, two-sided error of all heads together, fewest dates for a verdict, and
     * fewest among them on which the rarer label occurs.
     */
    bootstrap: { resamples: 10_000, alpha: 0.05, minDates: 20, minEventDates: 10 },
    /** Quantile bins of reliability curves and of ECE. */
    calibrationBins: 10,
    /** Probability at which the report's fixed rule acts. */
    ruleProbability: 0.6,
  },
  /** Retrieval of similar touches. */
  retrieval: {
    /** Neighbours asked for. */
    neighbours: 50,
    /** Columns in which a neighbour must equal the query. */
    same: ["direction"] as readonly string[],
    /** Added to distances before they are inverted into weights. */
    epsilon: 1e-6,
  },
} as const;

/** The type of {@linkcode CONFIG}: what stages take a part of. */
export type Config = typeof CONFIG;
