import assert from "node:assert/strict";
import {
  type Batch,
  CONFIG,
  f64,
  i64,
  MINUTE_NS,
  relativeNs,
  sessionOf,
  sliceBatch,
} from "../../lib/base/mod.ts";
import {
  auditCausality,
  type BuildUntil,
  type HourEvents,
  LEVELS_OFFERED,
  playSession,
  type SessionBuilder,
} from "../../lib/gold/mod.ts";
import { type Level, lowerBound } from "../../lib/levels/mod.ts";
import { tinyMarket } from "../helpers/tiny_market.ts";

const SESSION = sessionOf("2025-12-16");
const OPEN = Number(SESSION.openNs - SESSION.startNs);
const HOURS = tinyMarket(SESSION, 11, 100);
const HISTORY = {
  closes: new Float64Array(430).fill(6795),
  previous: { high: 6812, low: 6788, close: 6801 },
};
const CUTS = [
  OPEN,
  OPEN + 7 * MINUTE_NS,
  OPEN + 20.5 * MINUTE_NS,
  OPEN + 31 * MINUTE_NS,
  OPEN + 64 * MINUTE_NS + 1,
  OPEN + 90 * MINUTE_NS,
];

function before(batch: Batch, cut: number): Batch {
  const ts = relativeNs(i64(batch, "ts_event_ns"), SESSION.startNs);
  return sliceBatch(batch, 0, lowerBound(ts, cut));
}

async function* feed(cut: number, hours: readonly HourEvents[]): AsyncGenerator<HourEvents> {
  for (const events of hours) {
    yield {
      ...events,
      trades: before(events.trades, cut),
      books: before(events.books, cut),
      options: before(events.options, cut),
    };
  }
}

/** A build with something planted: it sees the builder as it stands at the end of its input. */
function buildWith(
  plant: (features: Batch, builder: SessionBuilder, levels: Map<number, Level[]>) => void,
  hours: readonly HourEvents[] = HOURS,
): BuildUntil {
  return async (cut) => {
    const inputs = { session: SESSION, contract: "ESH6", history: HISTORY, config: CONFIG };
    const { builder, levels } = await playSession(
      inputs,
      feed(cut, hours),
      cut === Infinity ? undefined : cut,
    );
    const features = builder.features();
    plant(features, builder, levels);
    return { features, labels: builder.labels(cut === Infinity ? undefined : cut), levels };
  };
}

Deno.test("auditCausality() finds no changed cell in features, levels and labels", async () => {
  const audit = await auditCausality(buildWith(() => {}), CUTS, SESSION.startNs);
  assert.equal(audit.cuts, CUTS.length);
  assert.deepEqual(audit.columns.filter((c) => c.changed > 0), []);
  for (const column of audit.columns) assert.ok(column.compared > 0, `${column.column} was not compared`);
});

Deno.test("auditCausality() counts trades on the very ends of windows, and before a cut inside a minute", async () => {
  const onMinutes = HOURS.map((events) => {
    const ts = i64(events.trades, "ts_event_ns").map((ns) => ns - ns % BigInt(MINUTE_NS));
    return {
      ...events,
      trades: { ...events.trades, columns: { ...events.trades.columns, ts_event_ns: ts } },
    };
  });
  const audit = await auditCausality(buildWith(() => {}, onMinutes), CUTS, SESSION.startNs);
  assert.deepEqual(audit.columns.filter((c) => c.changed > 0), []);
  assert.ok(audit.columns.find((c) => c.column === "future_price_8m")!.compared > 0);
});

const LEAKS: Record<string, { column: string; plant: Parameters<typeof buildWith>[0] }> = {
  "a centred window": {
    column: "rv_30m",
    plant(features, { state: { bars }, touches }) {
      const rv = f64(features, "rv_30m");
      touches.forEach(({ bar }, i) =>
        rv[i] = bars.close[Math.min(bar + 2, bars.length - 1)] - bars.close[Math.max(bar - 2, 0)]
      );
    },
  },
  "a whole-day normalisation": {
    column: "tape_velocity",
    plant(features) {
      const velocity = f64(features, "tape_velocity"),
        mean = velocity.reduce((a, b) => a + b, 0) / velocity.length;
      velocity.forEach((v, i) => velocity[i] = v / mean);
    },
  },
  "same-day option totals": {
    column: "gamma_exposure",
    plant(features, { state: { options } }) {
      let total = 0;
      for (let i = 0; i < options.length; i++) total += options.aggressor[i] * options.size[i];
      f64(features, "gamma_exposure").fill(total);
    },
  },
  "greeks at the day's last spot": {
    column: "gamma_norm",
    plant(features, { state: { tape } }) {
      const level = f64(features, "level"), norm = f64(features, "gamma_norm");
      norm.forEach((_, i) => norm[i] = Math.exp(-((tape.price[tape.length - 1] * 0.1 - level[i]) ** 2)));
    },
  },
  "a level that uses its own bar": {
    column: LEVELS_OFFERED,
    plant(_features, { state: { bars } }, levels) {
      for (const [minute, offered] of levels) {
        const bar = lowerBound(bars.ts, minute, bars.length);
        const high = bar < bars.length ? bars.high[bar] : bars.high[bars.length - 1];
        for (const level of offered) if (level.kind === 4) level.levelEs = Math.max(level.levelEs, high);
      }
    },
  },
};

for (const [name, { column, plant }] of Object.entries(LEAKS)) {
  Deno.test(`auditCausality() catches ${name}`, async () => {
    const audit = await auditCausality(buildWith(plant), CUTS, SESSION.startNs);
    assert.deepEqual(audit.columns.filter((c) => c.changed > 0).map((c) => c.column), [column]);
  });
}

Deno.test("auditCausality() catches labels that look before t1 or past their window", async () => {
  const build = buildWith(() => {});
  const leaky: BuildUntil = async (cut) => {
    const made = await build(cut);
    const strength = f64(made.labels, "strength_signed_8m");
    strength.forEach((s, i) => strength[i] = s + made.labels.length);
    return made;
  };
  const audit = await auditCausality(leaky, CUTS, SESSION.startNs);
  assert.deepEqual(audit.columns.filter((c) => c.changed > 0).map((c) => c.column), ["strength_signed_8m"]);
});

Deno.test("auditCausality() counts rows that appear or vanish", async () => {
  const build = buildWith(() => {});
  const dropping: BuildUntil = async (cut) => {
    const made = await build(cut);
    return cut === Infinity
      ? made
      : { ...made, features: sliceBatch(made.features, 0, Math.max(0, made.features.length - 1)) };
  };
  const audit = await auditCausality(dropping, [OPEN + 31 * MINUTE_NS], SESSION.startNs);
  assert.ok(audit.columns.find((c) => c.column === "event_id")!.changed > 0);
});
