/** The page's look: one column, quiet colours, light and dark, narrow and printed. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --text:#1c2430; --muted:#5b6675; --line:#e1e5eb; --ground:#f6f7f9; --paper:#ffffff; --accent:#1f77b9; --chip:#eef2f6; }
@media (prefers-color-scheme: dark) { :root { --text:#e6eaf0; --muted:#9aa5b4; --line:#2b3340; --ground:#10141a; --paper:#171c24; --accent:#5aaef0; --chip:#222a35; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.6 Inter, system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; }
main, header, footer { max-width: 1040px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 56px; }
h1 { font-size: clamp(28px, 5vw, 40px); line-height: 1.15; letter-spacing: -0.02em; margin: 0 0 8px; font-weight: 600; }
h2 { font-size: 24px; line-height: 1.25; letter-spacing: -0.01em; margin: 0 0 12px; font-weight: 600; }
h3 { font-size: 18px; margin: 32px 0 8px; font-weight: 600; }
h4, h5, h6 { font-size: 15px; margin: 24px 0 6px; font-weight: 600; }
p { margin: 0 0 14px; max-width: 72ch; }
a { color: var(--accent); text-underline-offset: 2px; }
code { font: 0.88em ui-monospace, 'SF Mono', Menlo, Consolas, monospace; background: var(--chip); border-radius: 4px; padding: 1px 5px; overflow-wrap: anywhere; }
pre { background: var(--chip); border-radius: 8px; padding: 12px 14px; overflow-x: auto; } pre code { padding: 0; background: none; }
.muted, .lead { color: var(--muted); } .small { font-size: 14px; }
nav { max-width: 1040px; margin: 18px auto 0; padding: 0 24px; } nav summary { font-size: 14px; color: var(--muted); } nav details { border: 0; padding: 0; }
nav details[open] { display: flex; flex-wrap: wrap; gap: 6px; } nav details > summary { flex: 1 0 100%; }
nav a { display: inline-block; font-size: 14px; text-decoration: none; color: var(--text); background: var(--paper); border: 1px solid var(--line); border-radius: 999px; padding: 3px 12px; margin: 3px 4px 3px 0; }
nav details > a:not(summary) { margin: 0; } nav a .small { font-size: 12.5px; display: block; } nav a[hidden] { display: none; }
nav a:hover { border-color: var(--accent); color: var(--accent); }
@media (min-width: 1320px) { nav { position: fixed; top: 0; left: 0; bottom: 0; width: 236px; overflow-y: auto; margin: 0; padding: 24px 12px 24px 20px; border-right: 1px solid var(--line); background: var(--paper); }
  nav details[open] { display: block; } nav a, nav details > a:not(summary) { display: block; background: none; border: 0; border-radius: 6px; padding: 5px 8px; margin: 0; overflow-wrap: anywhere; line-height: 1.35; } nav a:hover { background: var(--chip); }
  header, main, footer { margin-left: max(252px, calc((100vw - 1040px) / 2)) !important; } }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; } h2:focus { outline: none; }
.skip, .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip:focus { width: auto; height: auto; clip-path: none; z-index: 2; top: 8px; left: 8px; background: var(--paper); padding: 8px 14px; border-radius: 8px; }
.tools { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: center; margin: 0 0 12px; font-size: 14px; } .tools output { color: var(--muted); margin-right: auto; }
input[type=search], select, .tools button { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: 8px; padding: 6px 10px; } input[type=search] { width: min(280px, 70vw); }
.tools button { cursor: pointer; background: var(--paper); } .tools button:disabled { color: var(--muted); cursor: default; } .tools button:enabled { border-color: var(--accent); color: var(--accent); }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-align: inherit; } th button:hover { color: var(--accent); }
th[aria-sort=ascending] button::after { content: ' ↑'; } th[aria-sort=descending] button::after { content: ' ↓'; }
#runs td { padding-top: 6px; padding-bottom: 6px; font-size: 14px; } #runs td.numeric { white-space: nowrap; } #runs td:nth-child(2) { white-space: nowrap; } #runs tr[hidden] { display: none; }
.tile .value a { color: inherit; text-decoration: none; } .tile .value a:hover { color: var(--accent); text-decoration: underline; }
details.source pre { white-space: pre-wrap; }
main > section { content-visibility: auto; contain-intrinsic-size: auto 1200px; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 14px; padding: 28px 30px; margin: 24px 0; scroll-margin-top: 16px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); gap: 14px; margin: 0 0 12px; }
.tile { background: var(--paper); border: 1px solid var(--line); border-radius: 14px; padding: 18px 20px; display: flex; flex-direction: column; }
.tile .label { font-size: 14px; color: var(--muted); } .tile .value { font-size: 34px; line-height: 1.25; font-weight: 600; letter-spacing: -0.02em; margin-top: auto; } .tile .detail { font-size: 14px; color: var(--muted); }
.scroll { overflow-x: auto; margin: 0 0 16px; } .image .scroll { margin: 0; }
table { border-collapse: collapse; width: 100%; font-size: 15px; }
th { text-align: left; font-weight: 600; font-size: 13.5px; color: var(--muted); border-bottom: 1px solid var(--line); padding: 8px 14px 8px 0; vertical-align: bottom; }
td { border-bottom: 1px solid var(--line); padding: 9px 14px 9px 0; vertical-align: top; }
tbody tr:last-child > * { border-bottom: 0; } tbody th { font-size: 14px; } .numeric { text-align: right; font-feature-settings: 'tnum'; } th:last-child, td:last-child { padding-right: 2px; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 12px 24px; margin: 0 0 20px; }
dt { font-size: 13.5px; color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
.chip { display: inline-block; background: var(--chip); border-radius: 6px; padding: 1px 8px; font-size: 13.5px; margin: 1px 2px 1px 0; white-space: nowrap; }
.note { background: var(--chip); border-left: 3px solid var(--accent); border-radius: 6px; padding: 10px 14px; max-width: none; }
figure { margin: 22px 0; } figcaption { font-size: 14px; line-height: 1.5; color: var(--muted); max-width: 78ch; margin-top: 8px; }
.files { white-space: nowrap; } .files a { color: var(--muted); }
.plot { width: 100%; } .plot img { max-width: 100%; }
.image img { display: block; max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: 8px; background: #fff; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); gap: 0 28px; align-items: start; } .columns figure { min-width: 0; }
.progress { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); gap: 16px; } .progress figure { margin: 0; }
details { border-top: 1px solid var(--line); padding: 12px 0; } summary { cursor: pointer; font-weight: 600; } details > *:not(summary) { margin-top: 12px; }
ul, ol { padding-left: 22px; max-width: 76ch; } li { margin: 0 0 8px; }
footer { color: var(--muted); font-size: 14px; padding-bottom: 48px; }
@media (max-width: 640px) { main, header, footer, nav { padding-left: 14px; padding-right: 14px; } nav { margin-bottom: 14px; } header { padding-top: 32px; } section { padding: 20px 16px; border-radius: 12px; } .tiles { grid-template-columns: 1fr 1fr; gap: 10px; } .tile { padding: 14px; } .tile .value { font-size: 26px; } .tile .detail, .tile .label { font-size: 12.5px; } .image .scroll img { max-width: none; height: auto; min-width: 560px; } }
@media print { :root { --text:#111; --muted:#444; --line:#ccc; --ground:#fff; --paper:#fff; --chip:#f2f2f2; } body { font-size: 11pt; } nav, .files, .tools, .skip { display: none; } main > section { content-visibility: visible; } header, main, footer { margin-left: auto !important; } section { border: 0; padding: 0; margin: 22px 0; } figure, table, .tile { break-inside: avoid; } h2, h3 { break-after: avoid; } header { padding-top: 0; } .columns { display: block; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;
