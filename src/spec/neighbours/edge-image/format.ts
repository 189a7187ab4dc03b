import { isRecord } from '../../../internal/json.ts';
import type { IncludeContext, IncludeFormat } from '../../include/format.ts';
import { mappingOf, type Written, writtenAs } from '../../include/written.ts';
import { decodeDocument, type Sheet, sheetOf } from '../sheet.ts';
import { chartOf } from './charts.ts';
import { type EdgeImage, edgeImageSchema } from './schema.ts';
import { refuseUnsupported } from './unsupported.ts';

/** Edge Image Builder takes manifests from a folder beside the definition. */
const MANIFESTS = 'kubernetes/manifests';
const ARCHITECTURES = { x86_64: 'amd64', aarch64: 'arm64' } as const;

/** What an image of Edge Image Builder brings for Kubernetes; the operating system itself is not carried. */
export const edgeImage: IncludeFormat = {
  title: 'definition of Edge Image Builder',
  recognizes: ({ apiVersion, image }) =>
    /^1\.\d+$/.test(typeof apiVersion === 'number' ? apiVersion.toFixed(1) : String(apiVersion)) &&
    isRecord(image) &&
    'imageType' in image,
  translate: async (document, context) => {
    const { onProblem, onFinding } = context;
    const sheet = sheetOf(document, context);
    const decoded = decodeDocument(edgeImageSchema, document, { what: 'definition', onProblem, onFinding });
    if (decoded === undefined) return undefined;
    const { kubernetes, embeddedArtifactRegistry: registry } = decoded;
    refuseUnsupported(decoded, sheet);
    const images = (registry?.images ?? []).map((image, index) => {
      const path = ['embeddedArtifactRegistry', 'images', index];
      if (image.supplyChainKey !== '')
        sheet.refuse([...path, 'supplyChainKey'], 'signatures are carried along, and not verified at build');
      return sheet.value(image.name, ...path, 'name');
    });
    const charts = (kubernetes?.helm?.charts ?? []).map((each, index) =>
      chartOf(each, index, { repositories: kubernetes?.helm?.repositories ?? [], sheet }),
    );
    return mappingOf(
      {
        images: sheet.list(['embeddedArtifactRegistry', 'images'], images),
        charts: sheet.list(['kubernetes', 'helm', 'charts'], charts),
        manifests: await manifestsOf(decoded, sheet, context),
        ...distributionOf(decoded, sheet),
      },
      sheet.at(),
    );
  },
};

/** Manifests are named by address, or lie in a folder beside the definition; their images are looked up, as there. */
async function manifestsOf(
  { kubernetes }: EdgeImage,
  sheet: Sheet,
  { exists }: IncludeContext,
): Promise<Written | undefined> {
  const path = ['kubernetes', 'manifests', 'urls'];
  const urls = (kubernetes?.manifests?.urls ?? []).map((url, index) => sheet.value(url, ...path, index));
  const local = (await exists(MANIFESTS))
    ? writtenAs(`${MANIFESTS}/*.y*ml`, sheet.at('kubernetes'))
    : undefined;
  return sheet.list(['kubernetes'], [...urls, local]);
}

/** `v1.30.3+rke2r1` names the distribution too. */
function distributionOf({ image, kubernetes }: EdgeImage, sheet: Sheet): Readonly<Record<string, Written>> {
  const version = sheet.value(kubernetes?.version, 'kubernetes', 'version');
  if (version === undefined) return {};
  const name = /\+(k3s|rke2)/.exec(kubernetes?.version ?? '')?.[1];
  if (name === undefined) {
    sheet.refuse(['kubernetes', 'version'], 'it is neither of K3s nor of RKE2');
    return {};
  }
  if (name === 'rke2')
    sheet.tell(['kubernetes', 'version'], 'the network plugin is in no place that is read', {
      hint: 'Unless it is canal, write it under rke2.images of the spec.',
    });
  const release = mappingOf(
    {
      versions: sheet.list(['kubernetes', 'version'], [version]),
      architectures: writtenAs([ARCHITECTURES[image.arch]], sheet.at('image', 'arch')),
    },
    sheet.at('kubernetes'),
  );
  return { [name]: release };
}
