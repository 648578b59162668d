/** The bootstrap of dates, row by row. */
import { Random } from "../../lib/base/mod.ts";

/** A row's loss difference, weight and date. */
export interface LossRow {
  difference: number;
  weight: number;
  date: number;
}

/** Mean and its standard error of whole dates of rows. */
function studentised(dates: LossRow[][]): [number, number] {
  const rows = dates.flat(), total = rows.reduce((sum, r) => sum + r.weight, 0);
  const mean = rows.reduce((sum, r) => sum + r.weight * r.difference, 0) / total;
  const residuals = dates.map((date) => date.reduce((sum, r) => sum + r.weight * (r.difference - mean), 0));
  const n = dates.length, variance = residuals.reduce((sum, x) => sum + x * x, 0) * n / (n - 1);
  return [mean, Math.sqrt(variance) / total];
}

/** Bootstrap-t: mean, 95 % interval and two-sided p of rows in whose dates all rows share one market. */
export function naiveCompare(rows: LossRow[], resamples: number, seed: number) {
  const dates = [...Map.groupBy(rows, (r) => r.date).values()], random = new Random(`${seed}/bootstrap`);
  const [mean, error] = studentised(dates), ts: number[] = [];
  for (let b = 0; b < resamples; b++) {
    const [again, itsError] = studentised(dates.map(() => dates[random.int(dates.length)]));
    ts.push((again - mean) / itsError);
  }
  ts.sort((a, b) => a - b);
  const at = (q: number) => ts[Math.round(q * (resamples + 1)) - 1], t = mean / error;
  const further = Math.min(ts.filter((x) => x >= t).length, ts.filter((x) => x <= t).length);
  return {
    difference: mean,
    interval: [mean - at(0.975) * error, mean - at(0.025) * error],
    p: Math.min(1, 2 * (1 + further) / (1 + resamples)),
  };
}
