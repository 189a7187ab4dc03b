import { createHash } from 'node:crypto';
import type { Digest } from '../../oci/digest.ts';
import { type Markup, markup, verbatim } from '../markup.ts';
import { STYLE } from '../style.ts';
import { COPY_SCRIPT } from '../copy-script.ts';
import { commandsFor, type StartSystem } from './commands.ts';
import { START_WORDS, type StartWords } from './words.ts';

/** What the first page of a kit tells of. */
export interface StartScene {
  /** The bundles beside the kit. */
  readonly bundles: readonly StartBundle[];
  /** `os/architecture` of the runtimes. */
  readonly platforms: readonly string[];
  /** Versions of the program and of Node.js. */
  readonly program: string;
  readonly node: string;
}

export interface StartBundle {
  /** Name of its file, or of its folder. */
  readonly file: string;
  readonly name: string;
  readonly root: Digest;
}

/**
 * Returns `START-HERE.html`: one self-contained document in English and Chinese, which loads nothing and runs its own script
 * alone. It depends only on the arguments, and whatever was read is escaped.
 */
export function renderStartPage(scene: StartScene): string {
  const title = scene.bundles.map(({ name }) => name).join(', ') || 'Saddlebag';
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<title>${title} · Saddlebag</title>
<style>${verbatim(STYLE)}</style>
</head>
<body>
<header>
<h1><bdi>${title}</bdi></h1>
<nav aria-label="Languages · 语言"><ul>
<li><a href="#en" lang="en">English</a></li>
<li><a href="#zh" lang="zh-Hans">简体中文</a></li>
</ul></nav>
</header>
<main>
${START_WORDS.map((words) => part(words, scene))}
</main>
<footer><p class="quiet">Saddlebag ${scene.program}, Node.js ${scene.node}</p></footer>
<p id="copied" class="unseen" role="status" aria-live="polite"></p>
<script>${verbatim(COPY_SCRIPT)}</script>
</body>
</html>
`.text;
}

function part(words: StartWords, scene: StartScene): Markup {
  const { bundles, platforms } = scene;
  const systems: readonly StartSystem[] = [
    ...(platforms.some((each) => each.startsWith('windows/')) ? (['windows'] as const) : []),
    ...(platforms.some((each) => each.startsWith('darwin/')) ? (['macos'] as const) : []),
    ...(platforms.some((each) => each.startsWith('linux/')) ? (['linux'] as const) : []),
  ];
  const file = bundles.flatMap((bundle) => typed(bundle.file) ?? [])[0] ?? 'BUNDLE';
  return markup`<section id="${words.id}" lang="${words.lang}" aria-labelledby="${words.id}-what">
<h2 id="${words.id}-what">${words.what}</h2>
<p>${words.whatText}</p>
<p>${words.whoText} ${words.runsOn} ${platforms.join(', ')}</p>
${bundles.map((bundle) => card(bundle, words))}
<h2>${words.steps}</h2>
<p>${words.stepsText}</p>
${systems.map((system) => systemPart(system, { words, file }))}
<h2>${words.receipt}</h2>
<p>${words.receiptText}</p>
</section>
`;
}

/** Returns a name as it is typed in every shell, or `undefined` for one that not all of them read alike. */
function typed(name: string): string | undefined {
  if (/^[A-Za-z0-9_][\w.+-]*$/.test(name)) return name;
  return /^[\p{L}\p{N}_][\p{L}\p{N} _.+-]*$/u.test(name) ? `"${name}"` : undefined;
}

function card({ file, name, root }: StartBundle, words: StartWords): Markup {
  return markup`<div class="card">
<h3><bdi>${name}</bdi></h3>
<p class="quiet"><bdi>${file}</bdi></p>
<p>${words.root}</p>
<p><code>${root}</code>${copy(words, name)}</p>
<p class="quiet">${words.rootText}</p>
</div>
`;
}

function systemPart(
  system: StartSystem,
  { words, file }: { readonly words: StartWords; readonly file: string },
): Markup {
  const { title, intro, warning } = words.systems[system];
  return markup`<h3>${title}</h3>
<p>${intro}</p>
${commandsFor(system, file).map(
  ({ step, command }) => markup`<p>${words.actions[step]}</p>
<div class="command"><pre><code>${command}</code></pre>
${copy(words, `${title}, ${words.actions[step]}`)}</div>
`,
)}<p class="quiet">${warning}</p>
`;
}

function copy({ copy: word, copied }: StartWords, what: string): Markup {
  return markup`<button type="button" class="copy" data-copied="${copied}">
<span>${word}</span><span class="unseen"> ${what}</span>
</button>`;
}

/** The page may be opened from a stick of anybody: nothing but its own style and script counts. */
function policy(): string {
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(COPY_SCRIPT)}; base-uri 'none'; form-action 'none'`;
}
