/**
 * The style sheets: every page's, light and dark by the reader's setting, light in print, phone to desk; and the same
 * look for what a notebook shows, by the notebook's own theme.
 *
 * @module
 */

const LIGHT =
  "--ink:#1d2530;--soft:#5a6570;--ground:#f7f5f0;--card:#fffefb;--line:#e1ddd3;--accent:#2b6a99;--track:#eeebe3;" +
  "--pass:#2a7f47;--warn:#94660a;--fail:#bd3434;--info:#2b6a99;--shade:0 1px 2px rgb(40 30 10/.06)";
const DARK =
  "--ink:#e6e3dc;--soft:#a0a9b3;--ground:#12161b;--card:#1a2027;--line:#2e3640;--accent:#82bbe4;--track:#262d36;" +
  "--pass:#68c98a;--warn:#e6b552;--fail:#f08682;--info:#82bbe4;--shade:none";

/** What stands alike on a page and in a notebook: verdicts, charts, tables. */
const PARTS = `
.verdict{border-left:6px solid var(--v);background:var(--card);box-shadow:var(--shade);padding:13px 18px;border-radius:4px;margin:14px 0;font-size:16.5px}
.verdict b{color:var(--v);text-transform:uppercase;letter-spacing:.06em;margin-right:10px}
.stats{display:grid;grid-template-columns:repeat(auto-fit,minmax(128px,1fr));gap:10px;margin:14px 0;padding:0}
.stats div{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:9px 13px}
.stats dt{color:var(--soft);font-size:12.5px}.stats dd{margin:0;font-size:21px;font-weight:600;line-height:1.3;font-variant-numeric:tabular-nums}
.charts{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:14px;margin:14px 0}
.chart{grid-column:1/-1;margin:0;min-width:0;background:var(--card);border:1px solid var(--line);border-radius:6px;box-shadow:var(--shade);padding:14px 16px 10px}
.chart.half{grid-column:auto;align-self:start}
.chart h3{margin:0;font-size:15px;line-height:1.35}.chart small{color:var(--soft);font-size:12.5px;line-height:1.45;display:block;margin:1px 0 8px}
.drawing{overflow-x:auto}.drawing>svg{display:block;width:100%;height:auto;max-width:none;color:var(--ink);--plot-background:var(--card);background:none!important}
.legend{display:flex;flex-wrap:wrap;gap:2px 14px;font-size:12.5px;margin:0 0 6px;padding:0;list-style:none}
.legend i{display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:6px;vertical-align:-1px;background:var(--c)}
.multiples{display:grid;grid-template-columns:repeat(auto-fill,minmax(158px,1fr));gap:14px 18px}
.multiples figure{margin:0;min-width:0}.multiples figcaption{font-size:12px;line-height:1.3;font-weight:600}
.multiples figcaption span{font-weight:400;color:var(--soft)}
.multiples svg{display:block;width:100%;height:46px;color:var(--accent);border-bottom:1px solid var(--soft);margin-top:2px}
.multiples .ends{display:flex;gap:5px;justify-content:space-between;font-size:11px;color:var(--soft);font-variant-numeric:tabular-nums}
.multiples .shares{font-size:11.5px;line-height:1.35;display:grid;grid-template-columns:minmax(0,max-content) 1fr max-content;gap:1px 6px;align-items:center;margin-top:3px}
.multiples .shares span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.multiples .shares b{height:8px;background:var(--accent);min-width:1px;border-radius:1px}
.multiples .shares em{font-style:normal;color:var(--soft);font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto;margin:12px 0 18px}
table{border-collapse:collapse;font-size:13px;line-height:1.45;min-width:50%}
caption{text-align:left;font-weight:600;padding:0 0 4px}
th,td{padding:4px 16px 4px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;white-space:pre-line}th{color:var(--soft);font-weight:600;white-space:nowrap}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td.k{white-space:pre}td.t{min-width:170px}
.pass,.warn,.fail,.info{font-weight:600}.pass{color:var(--pass)}.warn{color:var(--warn)}.fail{color:var(--fail)}.info{color:var(--info)}
@media (max-width:640px){.charts{grid-template-columns:minmax(0,1fr)}.chart{padding:12px 12px 8px}.drawing.wide>svg{width:740px}
.multiples{grid-template-columns:repeat(2,minmax(0,1fr))}table{font-size:12.5px}th,td{padding-right:12px}}
`;

/** CSS of a page. */
export const STYLE = `
:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:984px;margin:0 auto;padding:28px 20px 64px}
h1{font-size:27px;line-height:1.2;letter-spacing:-.01em;margin:0 0 8px}
h2{font-size:19px;line-height:1.3;margin:40px 0 4px;border-top:1px solid var(--line);padding-top:22px}
p{margin:4px 0 12px;max-width:76ch}a{color:var(--accent)}
nav{font-size:13px;margin:0 0 14px;display:flex;flex-wrap:wrap;gap:4px 16px}
.meta{color:var(--soft);font-size:13px;display:flex;flex-wrap:wrap;gap:2px 18px;margin:0 0 16px}
.meta b{font-weight:600;color:var(--ink);overflow-wrap:anywhere}
${PARTS}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(290px,1fr));gap:14px;padding:0;margin:18px 0;list-style:none}
.cards a{display:block;height:100%;text-decoration:none;color:inherit;background:var(--card);border:1px solid var(--line);border-top:4px solid var(--v);border-radius:6px;box-shadow:var(--shade);padding:13px 16px}
.cards a:hover,.cards a:focus{border-color:var(--accent);border-top-color:var(--v)}
.cards h3{margin:0 0 4px;font-size:16px}.cards p{margin:0 0 8px}.cards small{color:var(--soft);font-size:12.5px}
.cards em{font-style:normal;font-size:12px;font-weight:700;letter-spacing:.06em;text-transform:uppercase;color:var(--v);float:right;margin-left:10px;line-height:24px}
@media (max-width:640px){main{padding:16px 12px 40px}h1{font-size:22px}h2{margin-top:30px}}
@media print{:root{color-scheme:light;${LIGHT};--shade:none}body{background:#fff;font-size:12px}main{max-width:none;padding:0}nav{display:none}
.chart,.multiples figure,.stats div,tr,.cards li{break-inside:avoid}h2,h3,caption{break-after:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;

/** CSS of what a notebook shows, inside an element of class `tidemark`: light and dark as the notebook's editor is. */
export const NOTEBOOK_STYLE = `
.tidemark{${LIGHT};color:var(--ink);max-width:984px;${PARTS}}
:is([data-jp-theme-light=false],.vscode-dark) .tidemark{${DARK}}
`;

/** CSS of an executed notebook as a page: its text, its code, its tracebacks. */
export const CELL_STYLE = `
.notebook h1,.notebook .prompt,.notebook .anchor-link{display:none}
.notebook h2{margin-top:26px}.notebook p,.notebook li{max-width:76ch}
.notebook code{font-size:.92em}
.notebook pre{margin:0;overflow-x:auto;font:12px/1.5 ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace}
.notebook .input{margin:10px 0}.notebook summary{color:var(--soft);font-size:12.5px;cursor:pointer;width:max-content}
.notebook .highlight{background:var(--track);border-radius:6px;padding:9px 13px;margin-top:4px}
.notebook .output_subarea{min-width:0;overflow-x:auto}.notebook .output_subarea p{margin:8px 0}
.notebook .output_error pre{color:var(--fail)}
.notebook .highlight :is(.c,.c1,.cm){color:var(--soft)}
.notebook .highlight :is(.k,.kd,.kr,.kc,.kt){color:var(--accent)}
.notebook .highlight :is(.s,.s1,.s2,.sb){color:var(--pass)}
.notebook .highlight :is(.mf,.mi){color:var(--warn)}
@media print{.notebook details:not([open]){display:none}}
`;
