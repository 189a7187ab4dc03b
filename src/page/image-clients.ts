import { type Client, nameable, nameHere, type Scene, type Step, writeAsRoot } from './client.ts';

/** Returns how to point Docker here (Docker, "Registry as a pull through cache"). */
export function docker(scene: Scene): Client {
  const { address, hasPassword } = scene;
  const { host } = address;
  const settings = dockerSettings(address, hasPassword);
  const hub = imagesOf(scene).find(({ name }) => name.startsWith('docker.io/'));
  const other = imagesOf(scene).find(({ name }) => hasPassword || name !== hub?.name);
  const steps: readonly (Step | false)[] = [
    settings !== undefined && {
      text: 'Merge this into /etc/docker/daemon.json:',
      command: settings,
    },
    settings !== undefined && { text: 'Restart Docker:', command: 'sudo systemctl restart docker' },
    hasPassword && {
      text: 'Docker sends no password to a mirror, so images are pulled by their names here. Log in:',
      command: `docker login ${host}`,
    },
    !hasPassword &&
      hub !== undefined && {
        text: 'Images of Docker Hub keep their names:',
        command: `docker pull ${hub.name.slice('docker.io/'.length)}`,
      },
    other !== undefined && {
      text: 'Docker asks mirrors only for images of Docker Hub. Every image can be pulled by its name here:',
      command: `docker pull ${host}/${other.here}`,
    },
  ];
  return { id: 'docker', title: 'Docker', steps: steps.filter((step) => step !== false) };
}

/** Returns what Docker's settings need, as JSON; `undefined` when nothing. */
export function dockerSettings(
  { origin, host, isPlain }: Scene['address'],
  hasPassword: boolean,
): string | undefined {
  if (hasPassword && !isPlain) return undefined;
  const settings = {
    'registry-mirrors': hasPassword ? undefined : [origin],
    'insecure-registries': isPlain ? [host] : undefined,
  };
  return JSON.stringify(settings, null, 2);
}

/** Returns how to point containerd here (containerd, `docs/hosts.md`). */
export function containerd(scene: Scene): Client {
  const { origin } = scene.address;
  const lines = [
    `server = "${origin}"`,
    `[host."${origin}"]`,
    '  capabilities = ["pull", "resolve"]',
    ...(scene.hasPassword
      ? [`[host."${origin}".header]`, '  Authorization = ["Basic BASE64_OF_USER_COLON_PASSWORD"]']
      : []),
  ];
  const [image] = imagesOf(scene);
  return {
    id: 'containerd',
    title: 'containerd',
    steps: [
      {
        text: 'Make this server the mirror of every registry:',
        command: writeAsRoot('/etc/containerd/certs.d/_default/hosts.toml', lines),
      },
      {
        text: 'For Kubernetes, /etc/containerd/config.toml has to name that folder (in containerd 2 the plugin is called io.containerd.cri.v1.images):',
        command: [
          '[plugins."io.containerd.grpc.v1.cri".registry]',
          '  config_path = "/etc/containerd/certs.d"',
        ].join('\n'),
      },
      ...(image === undefined
        ? []
        : [
            {
              text: 'Every image has its original name:',
              command: `sudo ctr images pull --hosts-dir /etc/containerd/certs.d ${image.name}`,
            },
          ]),
    ],
  };
}

/** Returns how to point K3s nodes here (K3s, "Private Registry Configuration"). */
export function k3sNodes({ address, hasPassword }: Scene): Client {
  const { origin, host } = address;
  const lines = [
    'mirrors:',
    '  "*":',
    '    endpoint:',
    `      - "${origin}"`,
    ...(hasPassword
      ? ['configs:', `  "${host}":`, '    auth:', '      username: "USER"', '      password: "PASSWORD"']
      : []),
  ];
  return {
    id: 'k3s-images',
    title: 'K3s: images',
    steps: [
      {
        text: 'On every node, before K3s starts (RKE2 reads /etc/rancher/rke2/registries.yaml):',
        command: writeAsRoot('/etc/rancher/k3s/registries.yaml', lines),
      },
      {
        text: 'Where K3s is already running, restart it; with --disable-default-registry-endpoint it asks no other registry.',
        command: 'sudo systemctl restart k3s',
      },
    ],
  };
}

interface NamedImage {
  readonly name: string;
  /** Its name at this server. */
  readonly here: string;
}

/** Returns one image from Docker Hub and one from elsewhere, where available: two examples are enough. */
function imagesOf({ overview }: Scene): readonly NamedImage[] {
  const images = nameable(overview, 'image');
  const isOfHub = ({ name }: { readonly name: string }): boolean => name.startsWith('docker.io/');
  const examples = [images.find(isOfHub), images.find((image) => !isOfHub(image))];
  return examples.flatMap((example) => {
    const here = example && nameHere(example.name);
    return example === undefined || here === undefined ? [] : [{ name: example.name, here }];
  });
}
