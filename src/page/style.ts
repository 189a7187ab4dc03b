/** The style sheet of the page. All text has a contrast of at least 4.5 to 1, in light and dark mode. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #faf8f5; --card: #ffffff; --ink: #1f2328; --quiet: #5a6068; --line: #dcd6cd;
  --leather: #8a4513; --code: #f2ede6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16181b; --card: #1e2125; --ink: #e9e6e1; --quiet: #a9afb6; --line: #363b41;
    --leather: #f0ad72; --code: #26292e;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
  overflow-wrap: anywhere;
}
header, main, footer { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1.35rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--leather); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--leather); outline-offset: 2px; border-radius: 3px; }
.quiet { color: var(--quiet); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 1rem 0 0; padding: 0; }
nav a { display: inline-block; padding: .25rem 0; }
.skip, .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip:focus { position: static; width: auto; height: auto; clip-path: none; }
code, pre { font: .85rem/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.card, details { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; padding: .75rem 1rem; }
.note { border-left: 4px solid var(--leather); }
.card h3 { margin: 0; }
.card p { margin: .25rem 0; max-width: none; }
.card dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .5rem 0; }
.card dt { color: var(--quiet); }
.card dd { margin: 0; }
.keys { margin: .25rem 0; padding-left: 1.25rem; }
details { padding: 0; }
summary { cursor: pointer; padding: .7rem 1rem; font-weight: 600; border-radius: 8px; }
summary h3 { display: inline; font-size: 1rem; }
details > div { padding: 0 1rem 1rem; }
.command { position: relative; margin: .5rem 0 1rem; }
pre { margin: 0; padding: .75rem 1rem; background: var(--code); border-radius: 6px; white-space: pre-wrap; }
.copy {
  display: none; font: inherit; font-size: .8rem; line-height: 1.2; padding: .3rem .6rem; margin-left: .4rem; min-width: 4.4rem;
  min-height: 1.75rem; color: var(--ink); background: var(--card); border: 1px solid var(--quiet); border-radius: 5px; cursor: pointer;
}
.copy:hover { border-color: var(--leather); color: var(--leather); }
.script .copy { display: inline-block; }
.script .command pre { padding-right: 6rem; }
.command .copy { position: absolute; top: .5rem; right: .5rem; margin: 0; }
.search { display: none; }
.script .search { display: block; }
.choice { display: none; }
.script .choice { display: block; }
.script .plain { display: none; }
select {
  font: inherit; padding: .3rem .5rem; color: var(--ink); background: var(--card); border: 1px solid var(--quiet); border-radius: 6px;
}
.search label { display: block; font-weight: 600; margin-bottom: .25rem; }
.search input {
  width: 100%; max-width: 32rem; font: inherit; padding: .5rem .75rem; color: var(--ink); background: var(--card);
  border: 1px solid var(--quiet); border-radius: 6px;
}
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem; font-weight: 400; }
thead th { color: var(--quiet); font-size: .8rem; border-bottom: 1px solid var(--line); }
tbody tr:first-child > * { border-top: 1px solid var(--line); }
tbody th { font-weight: 600; }
.name { width: 32%; } .detail { width: 24%; } .size { width: 6.5rem; text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.sum code { font-size: .78rem; }
.script .sum { padding-right: 5.6rem; position: relative; }
.script .sum .copy { position: absolute; top: .4rem; right: .5rem; margin: 0; }
.pull { position: relative; padding-top: 0; }
.script .pull { padding-right: 5.6rem; }
.pull .copy { position: absolute; top: 0; right: .5rem; margin: 0; }
footer { padding-top: 2rem; padding-bottom: 3rem; }
@media (max-width: 46rem) {
  header { padding-top: 1.25rem; }
  h1 { font-size: 1.6rem; }
  header, main, footer { padding-left: 1rem; padding-right: 1rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, th, td { display: block; width: auto; }
  tr { padding: .5rem .75rem; }
  tr + tr { padding-left: 1.5rem; }
  tbody tr:first-child > * { border-top: 0; }
  tbody { border-top: 1px solid var(--line); }
  th, td { padding: .1rem 0; }
  .name, .detail, .size { width: auto; text-align: left; }
  td:empty { display: none; }
  .script .command pre { padding-top: 2.75rem; padding-right: 1rem; }
}
@media (forced-colors: active) { .copy, .card, details { border-color: CanvasText; } }
@media print { .copy, .search, nav, .skip { display: none !important; } }
`;
