import type { Client, Step } from './client.ts';
import { copyButton } from './copy-button.ts';
import { type Markup, markup } from './markup.ts';
import type { Address } from './address.ts';

/** Returns the commands that point programs at this server. They expand and collapse without a script. */
export function clientSection(clients: readonly Client[], address: Address): Markup {
  return markup`<section id="clients" aria-labelledby="clients-title">
    <h2 id="clients-title">Point programs at this server</h2>
    ${noteOn(address)} ${clients.map(clientDetails)}
  </section>`;
}

function noteOn({ isLoopback, isUnknown, isPlain, host }: Address): Markup {
  if (isUnknown)
    return markup`<p class="card note">Put the name of this server in place of <code>${host}</code>.</p>`;
  if (isLoopback)
    return markup`<p class="card note">
      <code>${host}</code> is this host alone. Open this page by a name that other hosts know, and the
      commands follow.
    </p>`;
  if (isPlain) return markup``;
  return markup`<p class="quiet">Programs have to trust the certificate of <code>${host}</code>.</p>`;
}

function clientDetails({ id, title, steps }: Client): Markup {
  return markup`<details id="${id}">
    <summary><h3>${title}</h3></summary>
    <div>${steps.map((step, index) => stepOf(step, `${title}, step ${index + 1}`))}</div>
  </details> `;
}

function stepOf({ text, command }: Step, title: string): Markup {
  if (command === undefined) return markup`<p>${text}</p>`;
  return markup`<p>${text}</p>
    <div class="command">
      <pre><code>${command}</code></pre>
      ${copyButton(`the commands of ${title}`)}
    </div> `;
}
