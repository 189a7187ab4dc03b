import { describe, expect, it } from 'vitest';
import { textDocuments } from '../../../src/internal/yaml/text.ts';
import { imagesIn } from '../../../src/products/kubernetes/images.ts';

/** Each sighting in a YAML text as `path: text`, what only looks like an image with a question mark. */
function sightings(yaml: string): readonly string[] {
  return (textDocuments(yaml) ?? [])
    .flatMap((document) => [...imagesIn(document)])
    .map(({ text, path, isSure }) => `${path.join('.')}: ${text}${isSure ? '' : '?'}`);
}

const pod = (spec: string): string => `kind: Pod\nspec: ${spec}\n`;

describe('an object names images', () => {
  it.each([
    ['in a container', pod('{containers: [{image: busybox}]}'), 'spec.containers.0.image: busybox'],
    ['in an init container', pod('{initContainers: [{image: a/b:1}]}'), 'spec.initContainers.0.image: a/b:1'],
    [
      'in an ephemeral one',
      pod('{ephemeralContainers: [{image: "a/b:1"}]}'),
      'spec.ephemeralContainers.0.image: a/b:1',
    ],
    [
      'in a volume',
      pod('{volumes: [{image: {reference: "q.io/a:1", pullPolicy: Always}}]}'),
      'spec.volumes.0.image.reference: q.io/a:1',
    ],
    [
      'in a list of objects',
      'kind: List\nitems: [{spec: {template: {spec: {containers: [{image: a/b:1}]}}}}]\n',
      'items.0.spec.template.spec.containers.0.image: a/b:1',
    ],
    [
      'in a resource of its own kind',
      'kind: HelmChart\nspec: {jobImage: rancher/klipper-helm:v0.9}\n',
      'spec.jobImage: rancher/klipper-helm:v0.9',
    ],
    [
      'in a field of Elemental',
      'spec: {osImage: "r.lan/os:1", upgradeContainer: {image: "r.lan/up:1"}}\n',
      'spec.osImage: r.lan/os:1',
    ],
    [
      'with a scheme of KubeVirt',
      'source: {registry: {image: "docker://r.lan/disk:1"}}\n',
      'source.registry.image: r.lan/disk:1',
    ],
    [
      'in a variable',
      pod('{containers: [{env: [{name: RELATED_IMAGE_DB, value: "quay.io/foo/db:v2"}]}]}'),
      'spec.containers.0.env.0.value: quay.io/foo/db:v2',
    ],
    [
      'in a variable that ends in IMAGE',
      'env: [{name: CSI_ATTACHER_IMAGE, value: "a/b:1"}]\n',
      'env.0.value: a/b:1',
    ],
    ['in an argument', 'args: ["--acme-http01-solver-image=q.io/s:2"]\n', 'args.0: q.io/s:2'],
    ['in an argument with one dash', 'args: ["-shell-image=busybox:1"]\n', 'args.0: busybox:1'],
    [
      'in an argument and the next',
      'args: ["--engine-image", "longhornio/e:v1"]\n',
      'args.1: longhornio/e:v1',
    ],
    ['in a line of a shell', 'command: ["sh", "-c", "run --helper-image a/b:1 --v 2"]\n', 'command.2: a/b:1'],
    [
      'in the argument of a reloader',
      'args: ["--prometheus-config-reloader=q.io/po/reloader:v0.70.0"]\n',
      'args.0: q.io/po/reloader:v0.70.0',
    ],
    [
      'for the pause container',
      'kubelet-arg: ["pod-infra-container-image=r.lan/pause:3.6"]\n',
      'kubelet-arg.0: r.lan/pause:3.6',
    ],
    [
      'in a ConfigMap',
      'kind: ConfigMap\ndata: {sidecar-image: "quay.io/foo/sidecar:v1"}\n',
      'data.sidecar-image: quay.io/foo/sidecar:v1',
    ],
    [
      'in a ConfigMap of variables',
      'data: {SYSTEM_UPGRADE_JOB_KUBECTL_IMAGE: "rancher/kubectl:v1"}\n',
      'data.SYSTEM_UPGRADE_JOB_KUBECTL_IMAGE: rancher/kubectl:v1',
    ],
    [
      'in YAML within a ConfigMap',
      'data:\n  helperPod.yaml: |\n    spec:\n      containers:\n        - image: busybox\n',
      'data.helperPod.yaml.spec.containers.0.image: busybox',
    ],
    [
      'in JSON within a ConfigMap',
      `data: {values: '{"a": {"image": "q.io/a/b:1"}}'}\n`,
      'data.values.a.image: q.io/a/b:1',
    ],
    ['in a list of images', 'spec: {images: ["a/b:1"]}\n', 'spec.images.0: a/b:1'],
    ['in a mapping of images', 'images: {proxy: "host.lan/name:tag"}\n', 'images.proxy: host.lan/name:tag'],
    [
      'by a base and a tag',
      'kind: Prometheus\nspec: {baseImage: q.io/p/p, tag: v2}\n',
      'spec.baseImage: q.io/p/p:v2',
    ],
    ['with a digest', `image: a/b@sha256:${'a'.repeat(64)}\n`, `image: a/b@sha256:${'a'.repeat(64)}`],
  ])('%s', (_, yaml, expected) => {
    expect(sightings(yaml)).toContain(expected);
  });

  it.each([
    ['in its status', 'kind: Node\nstatus: {images: [{names: ["a/b:1"]}], nodeInfo: {osImage: "x/y:1"}}\n'],
    [
      'in a copy of what was applied',
      `metadata: {annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"image":"a/b:1"}'}}\n`,
    ],
    [
      'by a policy',
      'imagePullPolicy: Always\nimagePullSecrets: [{name: a}]\nargs: ["--image-pull-policy=Always", "--image-gc-high-threshold=85"]\n',
    ],
    [
      'by the name of a disk',
      'volumes: [{rbd: {image: foo}}, {csi: {volumeAttributes: {image: "a/b:1"}}}]\n',
    ],
    ['by a placeholder of Istio', 'image: auto\n'],
    ['by a switch', 'useImage: true\nimage: "false"\n'],
    ['by template text', 'image: "{{ .Values.image }}"\nother: "$(params.image)"\n'],
    ['by the ID of one', `image: ${'a'.repeat(64)}\n`],
    [
      'by what has the shape alone',
      'a: linux/amd64\nb: apps/v1\nc: text/html\nd: "10.0.0.1:8080"\ne: "svc.ns:9090"\nf: "https://q.io/a/b:1"\ng: /etc/a:1\n',
    ],
  ])('but not %s', (_, yaml) => {
    expect(sightings(yaml)).toEqual([]);
  });

  it.each([
    ['a text of its own', 'a: "quay.io/foo/x:v1"\n', 'a: quay.io/foo/x:v1?'],
    ['a text of its own without a host', 'a: "rancher/kubectl:v1.20.3"\n', 'a: rancher/kubectl:v1.20.3?'],
    ['part of a sentence', 'a: "Needs quay.io/foo/x:v1, at least."\n', 'a: quay.io/foo/x:v1?'],
    ['with a port', 'a: "use=r.lan:5000/foo/x:v1"\n', 'a: r.lan:5000/foo/x:v1?'],
  ])('and %s looks like one', (_, yaml, expected) => {
    expect(sightings(yaml)).toEqual([expected]);
  });

  it('however deep it is nested, and once where it is shared by anchors', () => {
    const deep = `${'{a: '.repeat(500)}{image: "a/b:1"}${'}'.repeat(500)}\n`;
    expect(sightings(deep)).toHaveLength(1);
    expect(sightings('a: &x {image: "a/b:1"}\nb: *x\nc: *x\n')).toEqual(['a.image: a/b:1']);
  });
});
