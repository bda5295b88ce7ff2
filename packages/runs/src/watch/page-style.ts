/** The look of the page of runs, after that of all pages. */
export const WATCH_STYLE = `
@font-face { font-family: Inter; font-weight: 400; font-display: swap; src: url(/inter-400.woff2) format('woff2'); }
@font-face { font-family: Inter; font-weight: 600; font-display: swap; src: url(/inter-600.woff2) format('woff2'); }
#page { max-width: 1120px; margin: 0 auto; } h1, h2 { font-weight: 600; letter-spacing: -0.01em; overflow-wrap: anywhere; } .muted { overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.skip, .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; margin: 0; }
.skip:focus { width: auto; height: auto; clip-path: none; z-index: 2; top: 8px; left: 8px; background: var(--paper); color: var(--text); padding: 8px 14px; border-radius: 8px; }
.scroll, #detail { background: var(--paper); border: 1px solid var(--line); border-radius: 12px; }
.scroll { overflow-x: auto; padding: 4px 18px; margin: 14px 0; } #detail { padding: 6px 22px 22px; margin: 18px 0; } #detail:focus { outline: none; }
table { border-collapse: collapse; width: 100%; } #runs:not(:has(tbody tr)) { display: none; } .scroll:not(:has(tbody tr)) { display: none; }
th { text-align: left; font-size: 13px; font-weight: 600; color: var(--muted); padding: 9px 16px 8px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
td { padding: 7px 16px 7px 0; border-bottom: 1px solid var(--line); vertical-align: baseline; font-size: 14px; } tbody tr:last-child td { border-bottom: 0; }
.numeric { text-align: right; font-feature-settings: 'tnum'; white-space: nowrap; } td:last-child { min-width: 24em; color: var(--muted); }
td button { border: 0; background: none; padding: 0; text-align: left; font-weight: 600; color: var(--accent); overflow-wrap: anywhere; min-width: 9em; } td button[aria-current=true] { text-decoration: underline; text-underline-offset: 3px; text-decoration-thickness: 2px; }
.state::before { content: ''; display: inline-block; width: 9px; height: 9px; border-radius: 50%; margin-right: 7px; background: var(--muted); } .state { white-space: nowrap; }
.state[data-state=running]::before, .state[data-state=evaluating]::before { background: var(--accent); } .state[data-state=finished]::before { background: var(--right); }
.state[data-state=diverged]::before, .state[data-state=unreadable]::before { background: var(--wrong); } .state[data-state=stopping]::before, .state[data-state=stopped]::before { background: none; border: 2px solid var(--muted); }
.head { display: flex; flex-wrap: wrap; gap: 6px 18px; align-items: center; justify-content: space-between; } .head h2 { margin: 14px 0 6px; }
#stop { border-color: var(--wrong); padding: 6px 14px; } button:disabled { cursor: default; opacity: 0.7; }
progress { width: 100%; height: 10px; accent-color: var(--accent); }
.command { display: flex; gap: 10px; align-items: start; } pre { flex: 1; margin: 0 0 14px; padding: 10px 12px; background: var(--ground); border-radius: 8px; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, Menlo, Consolas, monospace; } pre code { font: inherit; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 8px 20px; margin: 14px 0; } dt { font-size: 13px; color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
figure { margin: 18px 0 0; } figcaption { color: var(--muted); font-size: 14px; } figure img { max-width: 100%; height: auto; display: block; border: 1px solid var(--line); border-radius: 8px; background: #fff; }
.plot { width: 100%; position: relative; }
@media (max-width: 640px) { td:last-child { white-space: nowrap; } body { padding: 0 12px 32px; } #detail { padding: 4px 12px 16px; } .scroll { padding: 2px 12px; } .command { display: block; } }
`;
