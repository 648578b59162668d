/**
 * The README's pictures, taken from the pages of a demo lake in Chromium:
 *
 *     deno task demo && deno task notebooks --lake lake/demo && deno run -A test/output/pictures.ts lake/demo
 *
 * They lie beside the snapshots since they are looked at, not read; every run on the same lake gives the same pictures.
 *
 * @module
 */
import { openBrowser } from "../helpers/browser.ts";

/** Charts of a page that stand together, by the beginnings of their titles. */
interface Picture {
  name: string;
  page: string;
  charts: readonly string[];
  scheme: "light" | "dark";
}

const PICTURES: readonly Picture[] = [
  { name: "day", page: "gold.html", charts: ["2025-12-16: "], scheme: "light" },
  {
    name: "options",
    page: "notebooks/01_bronze_audit.html",
    charts: ["Strikes: ", "Basis: ", "Multi-leg: "],
    scheme: "dark",
  },
];

const FOLDER = new URL("pictures/", import.meta.url), WIDTH = 1024, MARGIN = 14;

const [lake] = Deno.args;
if (lake === undefined) throw new Error("give the folder of a demo lake");
await Deno.mkdir(FOLDER, { recursive: true });
const root = await Deno.realPath(`${lake}/reports`);
await using browser = await openBrowser();
for (const { name, page, charts, scheme } of PICTURES) {
  await browser.setWindow(WIDTH, 900, scheme);
  await browser.visit(`file://${root}/${page}`);
  const boxes = await browser.evaluate<{ x: number; y: number; right: number; bottom: number }[]>(`
    [...document.querySelectorAll("figure.chart")]
      .filter((chart) => ${JSON.stringify(charts)}.some((title) => chart.innerText.startsWith(title)))
      .map((chart) => chart.getBoundingClientRect())
      .map(({ x, y, right, bottom }) => ({ x, y: y + scrollY, right, bottom: bottom + scrollY }))`);
  if (boxes.length !== charts.length) throw new Error(`${page} has not the charts ${charts.join(", ")}`);
  const x = Math.min(...boxes.map((box) => box.x)) - MARGIN, y = Math.min(...boxes.map((box) => box.y)) - MARGIN;
  const width = Math.max(...boxes.map((box) => box.right)) + MARGIN - x;
  const height = Math.max(...boxes.map((box) => box.bottom)) + MARGIN - y;
  const { data } = await browser.call<{ data: string }>("Page.captureScreenshot", {
    format: "webp",
    quality: 80,
    captureBeyondViewport: true,
    clip: { x, y, width, height, scale: 1 },
  });
  await Deno.writeFile(new URL(`${name}.webp`, FOLDER), Uint8Array.from(atob(data), (c) => c.charCodeAt(0)));
}
