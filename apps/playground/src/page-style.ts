/** The look of the page: light and dark, as of the figures. */
import { PALETTE, THEMES } from '@janus/figures';

const { light, dark } = THEMES;

const coloursOf = (theme: typeof light, ground: string): string =>
  `--text:${theme.text}; --muted:${theme.mutedText}; --line:${theme.axis}; --ground:${ground}; --paper:${theme.background}; --accent:${theme.blue};`;

/** Rules of the page. */
export const pageStyle = (): string => `
:root { color-scheme: light dark; ${coloursOf(light, '#f6f7f9')} --warm: ${PALETTE.orange}; }
@media (prefers-color-scheme: dark) { :root { ${coloursOf(dark, '#10141a')} } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0 auto; max-width: 1180px; padding: 0 24px 48px; background: var(--ground); color: var(--text); font: 15px/1.5 Inter, system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; }
h1 { font-size: 26px; line-height: 1.25; margin: 28px 0 6px; overflow-wrap: anywhere; } h2 { font-size: 19px; margin: 32px 0 10px; } h3 { font-size: 16px; margin: 0 0 8px; overflow-wrap: anywhere; }
p { margin: 0 0 12px; max-width: 80ch; } .muted { color: var(--muted); } a { color: inherit; }
.skip { position: absolute; left: -999px; } .skip:focus { left: 8px; top: 8px; background: var(--paper); padding: 6px 10px; z-index: 2; }
.engine { display: flex; flex-wrap: wrap; gap: 6px 18px; color: var(--muted); font-size: 14px; max-width: none; }
button, select, .button, input[type=text] { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: 4px 11px; }
button, select, .button { cursor: pointer; } button:hover:enabled, .button:hover { border-color: var(--accent); } button:disabled { opacity: 0.55; cursor: default; }
button.main { background: #0b5a9d; border-color: #0b5a9d; color: #ffffff; }
.button { display: inline-block; position: relative; } .button input { position: absolute; inset: 0; width: 100%; opacity: 0; cursor: pointer; }
:focus-visible, .button:focus-within { outline: 3px solid var(--accent); outline-offset: 2px; }
.buttons { display: flex; flex-wrap: wrap; gap: 10px; margin: 0; }
.drop { border: 2px dashed var(--line); border-radius: 12px; padding: 22px; background: var(--paper); margin-bottom: 12px; }
.drop.over { border-color: var(--accent); }
.camera video { display: block; width: min(100%, 420px); border-radius: 10px; background: #000; margin: 0 0 10px; }
#status { min-height: 1.5em; }
.results { display: grid; grid-template-columns: repeat(auto-fit, minmax(250px, 1fr)); gap: 18px; align-items: start; }
figure { margin: 0; } canvas { display: block; width: 100%; height: auto; border-radius: 10px; background: var(--paper); }
#heat { image-rendering: auto; aspect-ratio: 1; }
figcaption { font-size: 14px; color: var(--muted); margin-top: 8px; display: flex; flex-direction: column; gap: 8px; align-items: start; }
figcaption label, .answer label { color: var(--text); display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
input[type=range] { width: 150px; accent-color: var(--accent); }
.marked { position: relative; } .mark { position: absolute; right: 8px; bottom: 8px; background: #000000cc; color: #fff; font-size: 12px; padding: 1px 7px; border-radius: 4px; }
.answer { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; overflow-wrap: anywhere; }
.answer h4 { margin: 0 0 6px; font-size: 14px; color: var(--muted); font-weight: 600; }
.bar { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 2px 10px; margin-bottom: 9px; }
.bar .track { grid-column: 1 / -1; height: 8px; border-radius: 4px; background: var(--ground); border: 1px solid var(--line); overflow: hidden; } .bar .track span { display: block; height: 100%; background: var(--accent); }
.bar.first b { font-weight: 650; } .bar b { font-weight: 400; }
#status.problem, #learn-status.problem { color: var(--text); border-left: 4px solid var(--warm); padding-left: 10px; } #learn-status { min-height: 1.5em; margin-top: 12px; }
.classes { display: grid; grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); gap: 14px; margin-bottom: 12px; }
fieldset { border: 1px solid var(--line); border-radius: 10px; background: var(--paper); padding: 10px 14px 14px; min-width: 0; margin: 0; } legend { padding: 0 6px; font-weight: 600; }
fieldset label { display: block; } fieldset .button { display: inline-block; } fieldset p { margin: 10px 0; } fieldset input[type=text] { width: 100%; background: var(--ground); }
.thumbs { display: flex; flex-wrap: wrap; gap: 6px; list-style: none; padding: 0; margin: 8px 0 0; max-height: 220px; overflow: auto; } .thumbs li { margin: 0; position: relative; } .thumbs canvas { width: 56px; height: 56px; border-radius: 6px; }
.thumbs button { position: absolute; right: 0; top: 0; padding: 0 5px; font-size: 13px; line-height: 1.4; }
.curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 18px; margin: 14px 0; } .curves svg { width: 100%; height: auto; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; }
.curves text { fill: var(--muted); font-size: 12px; } .curves .axis { stroke: var(--line); fill: none; } .curves .line { fill: none; stroke: var(--accent); stroke-width: 2.5; } .curves .dot { fill: var(--accent); } .curves .second { stroke: var(--warm); stroke-dasharray: 6 4; } .curves .dot.second { fill: var(--warm); stroke: none; }
table { border-collapse: collapse; font-size: 14px; } th, td { border-bottom: 1px solid var(--line); padding: 4px 10px; text-align: right; font-weight: 400; } th[scope=row], caption { text-align: left; } caption { padding: 6px 0; color: var(--muted); }
.warning { border-left: 4px solid var(--warm); padding-left: 10px; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 14px; font: 13px/1.5 ui-monospace, Menlo, Consolas, monospace; max-height: 480px; overflow: auto; }
li { max-width: 80ch; margin-bottom: 4px; }
`;
