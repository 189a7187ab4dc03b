import type { Client, Scene } from './client.ts';
import { rancherDesktop } from './desktop-client.ts';
import { download, helm, k3sInstall, kuberlr } from './file-clients.ts';
import { bundleFile, program } from './kit-clients.ts';
import { containerd, docker, k3sNodes } from './image-clients.ts';
import { windows } from './windows-client.ts';

/** Returns how to point each program here; programs for which nothing is served are left out. */
export function clientsOf(scene: Scene): readonly Client[] {
  const hasImages = scene.overview.items.some(({ kind }) => kind === 'image');
  const ofImages = hasImages ? [docker(scene), containerd(scene), k3sNodes(scene)] : [];
  const others = [program, bundleFile, windows, k3sInstall, rancherDesktop, kuberlr, helm, download].map(
    (client) => client(scene),
  );
  return [...ofImages, ...others.filter((client) => client !== undefined)];
}
