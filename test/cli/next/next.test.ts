import { describe, expect, it } from 'vitest';
import { installSteps } from '../../../src/cli/next/install.ts';
import type { NextStep } from '../../../src/cli/outcome.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import type { InstallAction, InstallResult } from '../../../src/verbs/install.ts';
import { renderNext } from '../../../src/cli/display/status/next.ts';
import { type Cargo, carrySteps, patchSteps } from '../../../src/cli/next/carry.ts';
import { commandLine, nameOf, optionWords, programHere } from '../../../src/cli/next/command.ts';

function said(cargo: Cargo): readonly string[] {
  return renderNext(carrySteps(cargo), (_, text) => text).split('\n');
}

const volumes = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `/out/lab.tar.${String(index + 1).padStart(3, '0')}`);

describe('what comes after a bundle was made', () => {
  it.each<[string, Cargo, string, string]>([
    [
      'a tar',
      { path: 'out/lab.tar', paths: ['out/lab.tar'] },
      'next: carry lab.tar across; over there: bundle verify lab.tar',
      'then: install it: bundle install lab.tar',
    ],
    [
      'a folder',
      { path: '/out/lab/', paths: ['/out/lab/'] },
      'next: carry lab across; over there: bundle verify lab',
      'then: install it: bundle install lab',
    ],
    [
      'volumes',
      { path: '/out/lab.tar.001', paths: volumes(3) },
      'next: carry lab.tar.001, lab.tar.002 and lab.tar.003 across; over there: bundle verify lab.tar.001',
      'then: install it: bundle install lab.tar.001',
    ],
    [
      'many volumes',
      { path: '/out/lab.tar.001', paths: volumes(12) },
      'next: carry lab.tar.001 to lab.tar.012 (12 files) across; over there: bundle verify lab.tar.001',
      'then: install it: bundle install lab.tar.001',
    ],
    [
      'with a parity file',
      { path: 'lab.tar', paths: ['lab.tar', 'lab.tar.par'] },
      'next: carry lab.tar and lab.tar.par across; over there: bundle verify lab.tar',
      'then: install it: bundle install lab.tar',
    ],
    [
      'signed here',
      { path: 'lab.tar', paths: ['lab.tar'], signer: 'sha256:ab' },
      'next: carry lab.tar across, and its public key PEM another way (sha256:ab); over there: bundle verify lab.tar --key PEM',
      'then: install it: bundle install lab.tar --key PEM',
    ],
    [
      'signed by somebody',
      { path: 'lab.tar', paths: ['lab.tar'], isSigned: true },
      'next: carry lab.tar across, and its public key PEM another way; over there: bundle verify lab.tar --key PEM',
      'then: install it: bundle install lab.tar --key PEM',
    ],
    [
      'with a kit',
      {
        path: '/media/usb/lab.tar',
        paths: ['/media/usb/lab.tar'],
        kit: { path: '/media/usb', platforms: ['linux/amd64'] },
      },
      'next: carry all that is in "/media/usb" across; over there: sh bundle verify lab.tar',
      'then: install it: sh bundle install lab.tar',
    ],
    [
      'with a kit for Windows too',
      {
        path: 'E:\\lab.tar',
        paths: ['E:\\lab.tar'],
        kit: { path: 'E:\\', platforms: ['linux/amd64', 'windows/amd64'] },
      },
      'next: carry all that is in "E:\\\\" across; over there (on Windows .\\bundle.cmd in place of sh bundle): sh bundle verify lab.tar',
      'then: install it: sh bundle install lab.tar',
    ],
  ])('is true for %s', (_, cargo, first, second) => {
    expect(said(cargo)).toEqual([first, second]);
    expect(carrySteps(cargo)[0]?.paths).toEqual(cargo.paths);
  });

  it('is a repair for a patch', () => {
    expect(patchSteps({ path: 'patch.tar', paths: ['patch.tar'] })).toMatchObject([
      { command: 'bundle repair BUNDLE patch.tar' },
    ]);
  });

  it('lets no control character of a name through', () => {
    expect(said({ path: 'a\u001B[2J.tar', paths: ['a\u001B[2J.tar'] }).join('')).not.toMatch(/\p{Cc}/u);
  });
});

describe('what comes after an install', () => {
  const image: InstallAction = {
    target: 'registry',
    kind: 'image',
    name: 'docker.io/rancher/rancher:v2.9.2',
    destination: 'localhost:5000/rancher/rancher:v2.9.2',
    bytes: 1,
    state: 'missing',
    outcome: 'pushed',
  };
  const result = (actions: readonly InstallAction[], receipt?: string): InstallResult => ({
    root: digestOf('root'),
    signed: false,
    signature: 'none',
    actions,
    findings: [],
    space: [],
    receipt,
  });
  const options = { bundle: '/media/usb/lab.tar', program: 'bundle', dryRun: false };
  const commandsOf = (steps: readonly NextStep[]): readonly (string | undefined)[] =>
    steps.map(({ command }) => command);

  it('is a pull, the configuration of nodes, and a delta', () => {
    expect(commandsOf(installSteps(result([image], '/state/lab-1.json'), options))).toEqual([
      'docker pull localhost:5000/rancher/rancher:v2.9.2',
      'bundle config registries.yaml --bundle /media/usb/lab.tar',
      'bundle build SPEC -o OUT --since lab-1.json',
    ]);
  });

  it('is a delta alone where no registry was filled, and nothing where nothing changed', () => {
    const file: InstallAction = { ...image, target: 'files', kind: 'file' };
    expect(commandsOf(installSteps(result([file], '/state/lab-1.json'), options))).toEqual([
      'bundle build SPEC -o OUT --since lab-1.json',
    ]);
    const there: InstallAction = { ...file, state: 'present', outcome: 'present' };
    expect(installSteps(result([there], '/state/lab-1.json'), options)).toEqual([]);
  });

  it('is the install itself after a dry run, if it would change anything', () => {
    const dry = { ...options, dryRun: true };
    expect(installSteps(result([image]), dry)).toEqual([{ text: 'run the same command without --dry-run' }]);
    expect(installSteps(result([{ ...image, state: 'present' }]), dry)).toEqual([]);
  });
});

describe('a command line to type', () => {
  it.each([
    ['lab.tar', 'lab.tar'],
    ['/media/läb 日本.tar', '"/media/läb 日本.tar"'],
    ['läb日本.tar', 'läb日本.tar'],
    ['C:\\usb\\lab.tar', 'C:\\usb\\lab.tar'],
    ['a$b', "'a$b'"],
    ["it's $x", "'it'\\''s $x'"],
    ['', '""'],
  ])('has %j as %s', (word, written) => {
    expect(commandLine('bundle', ['verify', undefined, word])).toBe(`bundle verify ${written}`);
  });

  it.each([
    ['linux', undefined, 'bundle'],
    ['linux', '/media/usb', 'sh /media/usb/bundle'],
    ['darwin', '/Volumes/MY STICK/', 'sh "/Volumes/MY STICK/bundle"'],
    ['win32', 'E:\\', 'E:\\bundle.cmd'],
  ])('begins on %s, started from %s, with %s', (platform, kit, program) => {
    const surroundings = { env: {}, home: '/', host: { platform, arch: 'x64' } };
    expect(programHere({ env: { SADDLEBAG_KIT: kit }, surroundings })).toBe(program);
  });

  it('has the options that were given', () => {
    expect(optionWords('--key', ['a', 'b'])).toEqual(['--key', 'a', '--key', 'b']);
    expect(optionWords('--lock', 'l.json')).toEqual(['--lock', 'l.json']);
    expect(optionWords('--lock', undefined)).toEqual([]);
  });

  it('takes a name from a path of any system', () => {
    expect(['a/b', 'a\\b', 'a/b/', 'b', '/'].map(nameOf)).toEqual(['b', 'b', 'b', 'b', '/']);
  });
});
