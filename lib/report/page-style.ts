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
h2 { margin: 40px 0 12px; font-size: 17px; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 12px; margin: 0 0 24px; }
dl > div, figure, pre, .table { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
dl > div { padding: 12px 16px; }
dt { font-size: 13px; color: var(--quiet); }
dd { margin: 2px 0 0; font-size: 17px; font-weight: 600; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(480px, 100%), 1fr)); gap: 16px; }
figure { margin: 0 0 16px; width: fit-content; max-width: 100%; overflow: hidden; }
figure svg { display: block; max-width: 100%; height: auto; }
.charts figure { margin: 0; width: 100%; }
.charts svg { width: 100%; }
.table, pre { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 16px; text-align: right; white-space: nowrap; }
th { font-size: 13px; font-weight: 600; color: var(--quiet); }
tbody tr { border-top: 1px solid var(--rule); }
pre { margin: 0; padding: 16px; font: 13px/1.45 ui-monospace, 'Cascadia Mono', Menlo, 'Liberation Mono', monospace; }
`;
