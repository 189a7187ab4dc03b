import { nameable, nameHere, type Scene } from './client.ts';
import type { Address } from './address.ts';
import { copyButton } from './copy-button.ts';
import { type Markup, markup } from './markup.ts';
import type { OverviewItem } from './overview.ts';

/** How a program pulls an image: what stands before and after the name that the image has at this server. */
interface PullLine {
  readonly program: string;
  readonly before: string;
  readonly after?: string | undefined;
}

/**
 * Returns how to pull images from here. The lines below the images are the same for every visitor, so what depends on the address
 * is here: the script joins the two, and without it, people do.
 */
export function pullSection({ overview, address, hasPassword }: Scene): Markup {
  if (!nameable(overview, 'image').some(({ name }) => nameHere(name) !== undefined)) return markup``;
  const lines = pullLines(address, hasPassword);
  return markup`<section id="pull" aria-labelledby="pull-title">
    <h2 id="pull-title">Pull an image</h2>
    <p class="choice">
      <label for="program">Each image below has the line that pulls it with</label>
      <select id="program">
        ${lines.map(lineOption)}
      </select>
    </p>
    <div class="plain">
      <p>Each image below has its name at this server under it. Put that in place of <code>NAME</code>:</p>
      <ul>
        ${lines.map(({ before, after = '' }) => markup`<li><code>${before}NAME${after}</code></li>`)}
      </ul>
    </div>
    ${noteOn(address, hasPassword)}
  </section>`;
}

/** Returns the row of an image with its name here, from which the script makes the line for the chosen program. */
export function pullRow({ kind, name }: OverviewItem): Markup | undefined {
  const here = kind === 'image' ? nameHere(name) : undefined;
  if (here === undefined) return undefined;
  return markup`<tr role="row">
    <td role="cell" colspan="4" class="pull"><code>${here}</code>${copyButton(`the line that pulls ${name}`)}</td>
  </tr>`;
}

function lineOption({ program, before, after = '' }: PullLine): Markup {
  return markup`<option data-before="${before}" data-after="${after}">${program}</option>`;
}

function pullLines({ host, isPlain }: Address, hasPassword: boolean): readonly PullLine[] {
  const when = (isNeeded: boolean, option: string): string => (isNeeded ? `${option} ` : '');
  return [
    { program: 'docker', before: `docker pull ${host}/` },
    { program: 'podman', before: `podman pull ${when(isPlain, '--tls-verify=false')}${host}/` },
    { program: 'nerdctl', before: `nerdctl ${when(isPlain, '--insecure-registry')}pull ${host}/` },
    {
      program: 'ctr',
      before: `sudo ctr images pull ${when(isPlain, '--plain-http')}${when(hasPassword, '-u USER')}${host}/`,
    },
    {
      program: 'skopeo',
      before: `skopeo copy ${when(isPlain, '--src-tls-verify=false')}docker://${host}/`,
      after: ' oci-archive:image.tar',
    },
  ];
}

function noteOn({ host, isPlain, isLoopback }: Address, hasPassword: boolean): readonly Markup[] {
  const insecure = markup`<p class="quiet">Docker pulls over plain HTTP only where its settings name <code>${host}</code>, as above.</p>`;
  const login = markup`<p class="quiet">Log in once, with <code>docker login ${host}</code>; podman, nerdctl and skopeo have the same command.</p>`;
  return [...(isPlain && !isLoopback ? [insecure] : []), ...(hasPassword ? [login] : [])];
}
