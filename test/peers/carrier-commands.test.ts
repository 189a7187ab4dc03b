import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates } from '../support/http/certificate.ts';
import { testKeys, writeKeys } from '../support/keys.ts';
import { peer } from '../support/peers/peers.ts';
import { type CliRun, MemoryStream, runInMemory } from '../support/process/cli.ts';
import {
  type DockerRegistry,
  DOCKER_REGISTRY_USER,
  startDockerRegistry,
} from '../support/registry/docker-registry.ts';
import { LAB, NEXT } from '../support/registry/carrier-lab.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { filesUnder } from '../support/tree.ts';
import { waitUntil } from '../support/wait-until.ts';

const program = peer('docker-registry');
const openssl = peer('openssl');
const { root } = LAB.plan;
const IMAGE = 'docker.io/rancher/rancher:v2.9.2';

/** One registry with passwords and an authority of its own for all tests: each command must be told of both. */
describe.skipIf(program === undefined || openssl === undefined)(
  'a bundle at oci:// in docker-registry',
  () => {
    const folder = temporaryFolder();
    const at = (name: string): string => join(folder.path, name);
    const keys = writeKeys(folder.path, testKeys());
    let registry: DockerRegistry;
    let oci: (tag: string) => string;

    /** Runs a command as a user whose home is his own, so that no test sees the installs of another. */
    async function bundle(argv: readonly string[], home = 'home'): Promise<CliRun> {
      mkdirSync(at(home), { recursive: true });
      return await runInMemory(argv, { verbs: 'real', home: at(home) });
    }

    /** The same with the file of the registry, for what must succeed; returns the JSON that it prints. */
    async function result(argv: readonly string[], home?: string): Promise<Record<string, unknown>> {
      const run = await bundle([...argv, '--registries', at('registries.yaml'), '--json'], home);
      expect(run.stderr).not.toContain('ERR_');
      expect(run.status).toBe(0);
      return JSON.parse(run.stdout);
    }

    beforeAll(async () => {
      const certificates = await makeCertificates(openssl ?? '', folder.path);
      registry = await startDockerRegistry({ program: program ?? '', htpasswd: true, tls: certificates });
      oci = (tag) => `oci://${registry.host}/bundles/lab:${tag}`;
      const settings = {
        mirrors: { 'bundles.lab:443': { endpoint: [registry.url] } },
        configs: Object.fromEntries(
          [registry.host, 'bundles.lab:443'].map((host) => [
            host,
            { auth: DOCKER_REGISTRY_USER, tls: { ca_file: certificates.caFile } },
          ]),
        ),
      };
      writeFileSync(at('registries.yaml'), JSON.stringify(settings));
      for (const [name, { tar }] of [
        ['lab', LAB],
        ['next', NEXT],
      ] as const)
        writeFileSync(at(`${name}.tar`), tar);
      await bundle(['sign', at('lab.tar'), '--key', keys.key]);
      await result(['push', at('lab.tar'), `${registry.host}/bundles/lab:signed`, '--key', keys.pub]);
      await result(['push', at('next.tar'), `${registry.host}/bundles/lab:next`, '--verify']);
    });
    afterAll(async () => {
      await registry[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    });

    it('is verified and inspected, with its signature', async () => {
      expect(await result(['verify', oci('signed'), '--key', keys.pub])).toMatchObject({
        ok: true,
        root,
        signature: 'proven',
      });
      expect(await result(['inspect', oci('signed'), '--key', keys.pub])).toMatchObject({ root });
      const strange = writeKeys(folder.path, testKeys(), 'strange.key');
      const refused = await bundle([
        'verify',
        oci('signed'),
        '--key',
        strange.pub,
        '--registries',
        at('registries.yaml'),
      ]);
      expect(refused.status).toBe(3);
      expect(refused.stderr).toContain('ERR_SIGNATURE_INVALID');
    });

    it('is found by the name of a mirror, and by no one without the authority and the password', async () => {
      expect(await result(['verify', 'oci://bundles.lab:443/bundles/lab:signed'])).toMatchObject({
        ok: true,
        root,
      });
      const withoutBoth = await bundle(['verify', oci('signed')]);
      expect(withoutBoth.status).toBe(4);
      const withoutPassword = await bundle(['verify', oci('signed'), '--ca-file', at('ca.crt')]);
      expect(withoutPassword.status).toBe(4);
      expect(withoutPassword.stderr).toContain('ERR_REGISTRY_DENIED');
    });

    it('is compared, checked, converted, pulled and pushed on', async () => {
      expect(await result(['diff', oci('signed'), oci('next')])).toMatchObject({
        items: [{ change: 'added', name: 'new.bin' }],
      });
      writeFileSync(
        at('pod.yaml'),
        `{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: "${IMAGE}"}]}}`,
      );
      expect(await result(['check', oci('signed'), '--for', at('pod.yaml')])).toMatchObject({
        missing: [],
        present: [{ in: oci('signed') }],
      });
      await result(['convert', oci('signed'), at('converted.zip')]);
      await result(['pull', oci('signed'), '-o', at('pulled.tar')]);
      expect(readFileSync(at('pulled.tar')).equals(readFileSync(at('lab.tar')))).toBe(true);
      expect(await result(['verify', at('converted.zip'), '--key', keys.pub])).toMatchObject({
        ok: true,
        root,
      });
      expect(await result(['push', oci('signed'), `${registry.host}/other/lab:1`])).toMatchObject({ root });
    });

    it('is what a build reuses, and what a delta leaves out', async () => {
      writeFileSync(at('same.txt'), 'the same');
      writeFileSync(
        at('spec.yaml'),
        JSON.stringify({ bundle: 1, name: 'lab', files: [{ path: at('same.txt') }] }),
      );
      await result(['build', at('spec.yaml'), '-o', at('first.tar')]);
      await result(['push', at('first.tar'), `${registry.host}/bundles/lab:first`]);
      const again = ['build', at('spec.yaml'), '-o'];
      expect(await result([...again, at('again.tar'), '--reuse', oci('first')])).toMatchObject({
        root: expect.any(String),
      });
      expect(await result([...again, at('delta.tar'), '--since', oci('first')])).toMatchObject({
        root: expect.any(String),
      });
      const delta = await result(['inspect', at('delta.tar')]);
      expect(delta).toMatchObject({ requires: [{ name: 'lab' }] });
      expect(await result(['verify', at('delta.tar'), '--base', oci('first')])).toMatchObject({ ok: true });
    });

    it('is installed, told of, kept by prune, and taken back', async () => {
      const home = 'installing';
      const files = ['--files', at('out')];
      await result(['install', oci('signed'), ...files, '--key', keys.pub], home);
      expect(Object.keys(filesUnder(at('out'))).length).toBeGreaterThan(0);
      await result(['install', oci('next'), '--files', at('next')], home);
      const listed = await bundle(['receipts', '--json'], home);
      expect(listed.stdout).toContain(NEXT.plan.root);
      const dry = await result(['prune', '--keep', oci('signed'), '--dry-run'], home);
      expect(JSON.stringify(dry)).toContain('new.bin');
      await result(['prune', '--keep', oci('signed')], home);
      expect(filesUnder(at('next'))).toEqual({});
      expect(filesUnder(at('out'))).not.toEqual({});
      await result(['uninstall', oci('signed')], home);
      expect(filesUnder(at('out'))).toEqual({});
    });

    it('says what nodes need, with what it takes to reach it', async () => {
      const site = ['--bundle', oci('signed'), '--registry', 'harbor.lab'];
      for (const kind of ['registries.yaml', 'hosts.toml', 'idms']) {
        const { files } = await result(['config', kind, ...site]);
        expect(JSON.stringify(files)).toContain('harbor.lab');
      }
      const denied = await bundle(['config', 'registries.yaml', ...site]);
      expect(denied.status).toBe(4);
      const unit = await result(['config', 'systemd', '--bundle', oci('signed'), '--listen', '0.0.0.0:5000']);
      const text = JSON.stringify(unit);
      expect(text).toContain(` serve ${oci('signed')} --listen 0.0.0.0:5000 --registries %d/registries.yaml`);
      expect(text).toContain(`LoadCredential=registries.yaml:${at('registries.yaml')}`);
      expect(text).not.toContain('RequiresMountsFor');
    });

    it('is served in place', async () => {
      const stop = new AbortController();
      const stderr = new MemoryStream();
      const argv = ['serve', oci('signed'), '--listen', '127.0.0.1:0', '--registries', at('registries.yaml')];
      const running = runInMemory(argv, { verbs: 'real', home: at('home'), signal: stop.signal, stderr });
      const served = (): string | undefined => / at (http:\S+)/.exec(stderr.text)?.[1];
      await waitUntil(() => served() !== undefined);
      const url = `${served()}/v2/rancher/rancher`;
      const manifest = await fetch(`${url}/manifests/v2.9.2`, { headers: { accept: '*/*' } });
      expect(manifest.status).toBe(200);
      const { layers } = JSON.parse(await manifest.text());
      const [{ digest }] = layers;
      const whole = Buffer.from(await (await fetch(`${url}/blobs/${digest}`)).arrayBuffer());
      expect(whole.equals(LAB.files.get(`blobs/sha256/${digest.slice(7)}`) ?? Buffer.alloc(0))).toBe(true);
      const part = await fetch(`${url}/blobs/${digest}`, { headers: { range: 'bytes=10-29' } });
      expect(part.status).toBe(206);
      expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(10, 30))).toBe(true);
      stop.abort();
      await running;
    });

    it.each([
      ['sign', ['--remove']],
      ['parity', []],
      ['repair', []],
    ])('cannot be given to %s, which says what to do', async (command, options) => {
      const refused = await bundle([command, oci('signed'), ...options]);
      expect(refused.status).toBe(2);
      expect(refused.stderr).toContain(`bundle pull ${oci('signed')} -o OUT`);
    });

    it('is no folder for a kit', async () => {
      const refused = await bundle(['kit', oci('signed')]);
      expect(refused.status).toBe(6);
      expect(refused.stderr).toContain('there is no such folder');
    });
  },
);
