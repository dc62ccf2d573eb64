/** The stylesheet of report pages. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ground: #fafafa; --card: #fff; --rule: #e4e4e7; --text: #18181b; --quiet: #52525b; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #09090b; --card: #18181b; --rule: #303036; --text: #fafafa; --quiet: #a1a1aa; }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1240px; padding: 40px 24px 64px; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif;
}
h1 { margin: 0 0 24px; font-size: 26px; line-height: 1.25; letter-spacing: -0.01em; }
h2 { margin: 40px 0 12px; font-size: 19px; }
h3 { margin: 24px 0 8px; font-size: 15px; }
p { margin: 0 0 12px; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(220px, 100%), 1fr)); gap: 12px; margin: 0 0 24px; }
dl > div, figure, pre, .table, .card { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
dl > div { padding: 10px 16px; }
dt { font-size: 13px; color: var(--quiet); }
dd { margin: 2px 0 0; font-weight: 600; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(480px, 100%), 1fr)); gap: 16px; }
figure { position: relative; margin: 0 0 16px; width: fit-content; max-width: 100%; overflow-x: auto; }
figure svg { display: block; max-width: 100%; height: auto; }
.charts figure { margin: 0; width: 100%; }
.charts svg { width: 100%; }
.values { position: absolute; top: 56px; padding: 6px 10px; border-radius: 6px; font-size: 13px; pointer-events: none;
  background: var(--card); border: 1px solid var(--rule); display: none; }
.values.shown { display: block; }
.values span { display: block; white-space: nowrap; font-variant-numeric: tabular-nums; }
.cursor path { stroke: var(--quiet); stroke-dasharray: 3 3; }
.cursor circle { fill: none; stroke: var(--text); stroke-width: 1.5; }
.files { margin: 0; padding: 0 12px 10px; text-align: right; }
button { font: inherit; font-size: 13px; padding: 2px 10px; margin-left: 6px; border-radius: 6px; cursor: pointer;
  color: var(--text); background: var(--ground); border: 1px solid var(--rule); }
:focus-visible { outline: 2px solid #2563eb; outline-offset: 2px; }
.table, pre { overflow-x: auto; margin: 0 0 16px; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 16px; text-align: right; white-space: nowrap; }
th:first-child { text-align: left; }
thead th { font-size: 13px; font-weight: 600; color: var(--quiet); }
tbody th { font-weight: 500; }
tbody tr { border-top: 1px solid var(--rule); }
pre { padding: 16px; font: 13px/1.45 ui-monospace, 'Cascadia Mono', Menlo, 'Liberation Mono', monospace; }
summary { cursor: pointer; margin: 0 0 12px; font-weight: 600; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 12px; padding: 0; margin: 0 0 16px; list-style: none; }
.card { padding: 12px; font-size: 13px; }
.card.wide { grid-column: span 2; }
.card.wide img { width: calc(33.3% - 8px); height: auto; }
.card img { image-rendering: pixelated; margin: 0 8px 8px 0; max-width: 100%; }
.card p { margin: 0 0 4px; }
.card ol { margin: 0; padding-left: 18px; color: var(--quiet); }
.pairs { columns: 2 260px; margin: 0 0 16px; padding-left: 22px; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 16px; padding: 0; list-style: none; font-size: 13px; }
.legend i { display: inline-block; width: 12px; height: 12px; margin-right: 6px; border-radius: 3px; border: 1px solid var(--rule); }
.live { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; align-items: center; gap: 12px; padding: 10px 16px;
  margin: 0 0 24px; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
.live button { margin-left: auto; font-size: 15px; padding: 4px 16px; }
.problem { padding: 10px 16px; border: 1px solid #dc2626; border-radius: 8px; overflow-wrap: anywhere; }
@media (max-width: 640px) { .matrix-figure svg { min-width: 440px; max-width: none; } }
@media (max-width: 480px) { body { padding: 24px 12px 48px; } .card.wide { grid-column: 1 / -1; } }
`;
