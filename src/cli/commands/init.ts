import type { Usage } from 'clipanion';
import type { SpecText } from '../../verbs/init.ts';
import { BaseCommand } from '../base-command.ts';
import type { Status } from '../display/status/status.ts';
import { optionalArgument } from '../options/declare.ts';
import type { Outcome } from '../outcome.ts';

/** `bundle init [FROM]` */
export class InitCommand extends BaseCommand {
  static override paths: string[][] = [['init']];
  static override usage: Usage = {
    description: 'print a spec to start from, also from a file of another program or a list of pods',
    details: `
      Without FROM, everything in it is a comment but what every spec has: take away the "#" of what is wanted. "bundle help spec"
      has every key; its schema, for editors, is what "bundle help spec --json" prints.

      FROM is a file for Hauler, Zarf, Edge Image Builder, imgpkg or oc-mirror, told by its content, or a spec. What is printed asks for the
      same. Paths in it start at this folder. A file that has to stay as it is can be named under "include" of a spec, too.

      FROM may also be what names images: a list of pods or nodes of kubectl, manifests, a list with a reference a line; "-" is the standard
      input. What is printed asks for these images, each once, for the platforms of the nodes where the file has them.
    `,
    examples: [
      ['Start a spec', '$0 init > lab.yaml'],
      ['Start one with what Hauler was told', '$0 init hauler-manifest.yaml > lab.yaml'],
      ['Start one with what runs in a cluster', 'kubectl get pods,nodes -A -o json | $0 init - > lab.yaml'],
      ['Have the editor know its keys', '$0 help spec --json > spec.schema.json'],
    ],
  };

  from: string | undefined = optionalArgument('FROM');

  protected override async perform(status: Status): Promise<Outcome<SpecText>> {
    const { from } = this;
    if (from === undefined) return outcomeOf(SPEC_TEMPLATE);
    const { surroundings, verbs, stdin } = this.context;
    const { specFrom } = await verbs.init();
    const { text } = await specFrom({ from, stdin }, surroundings, this.ears(status));
    return outcomeOf(text);
  }
}

function outcomeOf(text: string): Outcome<SpecText> {
  return { json: { text }, text: () => text.trimEnd() };
}

/** A spec that builds as it is, with an example of every part. */
export const SPEC_TEMPLATE: string = `# yaml-language-server: $schema=./spec.schema.json
# What goes across. "bundle help spec" has every key; the schema is printed by: bundle help spec --json > spec.schema.json
bundle: 1
name: lab

# Of images; left out, every image comes whole, for all of its platforms.
platforms: [linux/amd64]

# Short names are Docker Hub's, as Docker reads them.
images:
  - busybox:1.36
  # - quay.io/jetstack/cert-manager-controller:v1.15.3
  # - reference: quay.io/prometheus/node-exporter:v1.8.2
  #   platforms: [linux/amd64, linux/arm64]
  # - { reference: rancher/shell, tags: { semver: ">=0.1.20 <0.2", latest: 2 } }
  # - archive: ./app.tar                 # of docker save, a haul, a layout
  # - { engine: docker, reference: my/app:dev }    # of this host's own Docker, podman or containerd

# Files with a reference a line, such as rancher-images.txt of a Rancher release.
# imageLists: [./rancher-images.txt]

# Other specs, and files for Hauler, Zarf, Edge Image Builder, imgpkg and oc-mirror: told by their content.
# include: [./base.yaml, ./hauler-manifest.yaml]

# All that Rancher Desktop needs offline: K3s, its list of versions, kubectl.
# rancherDesktop:
#   versions: [stable]                 # v1.30.6+k3s1, 1.31.2 or a channel
#   platforms: [windows/amd64, darwin/arm64]

# What a K3s node is installed from.
# k3s:
#   versions: [stable]
#   architectures: [amd64]
#   from: v1.27.x                      # runs today: brings what an upgrade from there passes through
#   upgrade: true                      # with the images that upgrade nodes inside a cluster

# Clients beyond those that rancherDesktop takes along.
# kubectl:
#   versions: [1.29.3]
#   platforms: [linux/amd64]

# Rancher itself, with its images and cert-manager; "bundle build --dry-run" shows the bytes of each part.
# rancher:
#   version: v2.9.3
#   certManager: v1.15.3
#   without: [monitoring, istio]       # or, in its place: only: [rke2, backup]
#   kubernetes: [v1.30]                # of the K3s and RKE2 clusters that it provisions and upgrades

# Charts, with the images that they name.
# charts:
#   - repository: https://charts.jetstack.io
#     name: cert-manager
#     version: v1.15.3

# Plain files; their sums are pinned in the lock at the first build.
# files:
#   - url: https://example.com/tool.tar.gz

# How registries are reached: the schema of K3s registries.yaml; credentials come from the environment.
# registries:
#   mirrors:
#     docker.io: { endpoint: ["https://mirror.example"] }
#   configs:
#     mirror.example: { auth: { username: me, password: "\${MIRROR_PASSWORD}" } }

# What "bundle build --kit" puts beside the bundle; the newest LTS release when left out.
# kit:
#   node: 24.5.0
`;
