import * as z from 'zod';
import type { SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { VERSION_LIST } from '../../products/rancher-desktop/version-list.ts';
import { CATALOGUE } from '../k3s/catalogue.ts';
import { selectVersions } from '../distribution/selection.ts';
import { addSteps } from '../distribution/steps.ts';
import { RELEASE_FILES } from '../k3s/want.ts';
import { CLIENTS } from '../kubectl/want.ts';
import { defineSource, type Found, type Source, type SourceContext } from '../source.ts';
import { type RancherDesktopPart, rancherDesktopSchema } from './part.ts';
import { desktopClients, desktopNeeds, desktopRequests } from './rancher-desktop.ts';
import { planVersionsItem, warnOfPauseImage } from './versions.ts';
import { versionWarnings } from './warnings.ts';

export const rancherDesktop: Source = defineSource({
  name: 'rancherDesktop',
  summary:
    'All that Rancher Desktop needs without internet: K3s for its virtual machine, `k3s-versions.json`, and the clients for kuberlr.',
  part: z.object({ rancherDesktop: rancherDesktopSchema.optional() }),
  asks: [RELEASE_FILES.to, CLIENTS.to],
  read: async (part) => part.rancherDesktop,
  resolve: async (part, context) =>
    part === undefined ? { items: [] } : await resolveDesktop(part, context),
});

async function resolveDesktop(part: RancherDesktopPart, context: SourceContext): Promise<Found> {
  const needs = desktopNeeds(part);
  const catalogue = await context.ask(CATALOGUE, undefined);
  if (catalogue.channelFault !== undefined) context.warn(withoutLabels(catalogue.channelFault));
  const words = new Map(part.versions.map((word) => [word, new Set(needs.architectures)]));
  const wish = { from: part.from, architectures: needs.architectures };
  const { tags, problems } = addSteps(selectVersions(words, catalogue), wish, {
    product: 'Rancher Desktop',
    catalogue,
    context,
  });
  for (const finding of versionWarnings(tags)) context.warn(finding);
  const { kubectl } = part;
  return {
    items: [planVersionsItem(catalogue, tags, needs.architectures)],
    wants: [
      RELEASE_FILES.ask(desktopRequests(tags, needs)),
      CLIENTS.ask(await desktopClients(tags, { needs, kubectl, catalogue }, context)),
    ],
    problems: [...problems, ...needs.problems],
    review: async (items) => await warnOfPauseImage(tags, items, context),
  };
}

function withoutLabels({ message }: SaddlebagError): Finding {
  return {
    level: 'warning',
    message: `The channels of K3s cannot be fetched, so "${VERSION_LIST}" goes without labels: ${message}`,
    hint: 'Rancher Desktop does without them; build again later to have them.',
  };
}
