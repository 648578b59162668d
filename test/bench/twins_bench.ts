/**
 * What Gold is made of beside its naive twins: levels, derived features, tape and labels of one random day; the same
 * work, turn about in one run, as a ratio of the best turns.
 *
 * `deno run -A test/bench/twins_bench.ts [trades of the day, default 6000]`
 *
 * @module
 */
import { CONFIG, Random } from "../../lib/base/mod.ts";
import { appendSweeps, newSweeps, tapeFeatures } from "../../lib/features/mod.ts";
import { playDay, randomFlowDay } from "../features/_play.ts";
import { randomPrints, tapeOf } from "../helpers/prints.ts";
import { label } from "../labels/_rows.ts";
import { MINUTE, play, randomDay } from "../levels/_play.ts";
import { naiveApproach, naiveAttempts } from "../reference/attempts.ts";
import { naiveConfluence, naiveRunway } from "../reference/confluence.ts";
import { naiveContext, naiveKnownCloses } from "../reference/context.ts";
import { naiveFuel } from "../reference/fuel.ts";
import { naiveLabel, naivePassage, naiveWeights } from "../reference/labels_naive.ts";
import { naiveBars, naiveLevels } from "../reference/levels_naive.ts";
import { naiveTape } from "../reference/tape.ts";
import { claim, say } from "./_bench.ts";

const ROUNDS = 3, SCALE = 0.1003;
const trades = Number(Deno.args[0] ?? 6000);

function compare(family: string, what: string, ours: () => unknown, naive: () => unknown): void {
  const best = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round++) {
    [ours, naive].forEach((run, i) => {
      const start = performance.now();
      run();
      best[i] = Math.min(best[i], performance.now() - start);
    });
  }
  const ratio = best[1] / best[0];
  say(
    `${family.padEnd(10)}${what.padEnd(34)}${best[0].toFixed(1).padStart(9)} ms` +
      `${best[1].toFixed(1).padStart(10)} ms${ratio.toFixed(1).padStart(8)}×`,
  );
  claim({ what: `${family}, naive twin ÷ ours`, value: ratio, least: 1 });
}

say(`family    work                                  ours        naive   ratio`);

const day = { ...randomDay(1, trades, trades / 2), history: randomFlowDay(1).history! };
const { offered, touches, state } = play(day, SCALE);
compare(
  "levels",
  `${offered.size} minutes`,
  () => play(day, SCALE),
  () => [...offered.keys()].forEach((ts) => naiveLevels(day, ts, SCALE)),
);

const flow = randomFlowDay(1, trades, trades / 2), { rows, state: flowState } = playDay(flow);
compare("features", `${rows.length} touches, 6 families`, () => playDay(flow), () => {
  const { at } = flowState, bars = naiveBars(flow.trades, Infinity);
  const closes = naiveKnownCloses(flow.history!.closes, flow.trades, at);
  const all = rows.map((row) => row.touch);
  naiveAttempts(all);
  for (const [i, { touch, levels, features, context }] of rows.entries()) {
    const past = bars.filter((bar) => bar.ts <= touch.ts);
    naiveFuel(flow.prints, at, touch);
    naiveContext(past, closes, at.open, touch, levels);
    naiveConfluence(touch, levels, { ...features, ...context } as unknown as Record<string, number>);
    naiveApproach(past, touch, all.slice(0, i));
    naiveRunway(touch, levels);
  }
});

const prints = randomPrints(new Random(1), trades), tape = tapeOf(prints);
const first = Math.floor(prints[0].ts / MINUTE), last = Math.floor(prints[prints.length - 1].ts / MINUTE);
const tapeTouches = Array.from({ length: 300 }, (_, i) => {
  const ts = (first + i % (last - first + 1)) * MINUTE;
  return { ...touches[0], ts, level: 500, levelEs: 5000, scale: 0.1 };
});
compare(
  "tape",
  `${tapeTouches.length} touches`,
  () => {
    const sweeps = newSweeps();
    appendSweeps(sweeps, tape, CONFIG);
    return tapeTouches.map((touch) => tapeFeatures({ tape }, touch, sweeps, CONFIG));
  },
  () => tapeTouches.map((touch) => naiveTape(prints, touch)),
);

const known = state.at.close - 60 * MINUTE;
compare(
  "labels",
  `${touches.length} touches, 3 horizons`,
  () => label(touches, day.trades, { sigma: 0.2, knownUntil: known }),
  () => {
    for (const touch of touches) {
      for (const minutes of [2, 4, 8]) naiveLabel(touch, day.trades, [], minutes, known);
      naivePassage(touch, day.trades, [], 0.2, known);
    }
    naiveWeights(touches.map((t) => t.ts), touches.map((t) => t.ts + 16 * MINUTE), MINUTE);
  },
);
