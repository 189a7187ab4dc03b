import { describe, expect, it } from 'vitest';
import { GROUPS } from '../../src/cli/help.ts';
import { loadPages } from '../../src/cli/pages.ts';
import { SYNONYMS } from '../../src/cli/usage-error.ts';
import { runInMemory } from '../support/process/cli.ts';

describe('the command line', () => {
  it.each([
    [['biuld'], 'Cannot run "bundle biuld": there is no such command', 'Did you mean "bundle build"?'],
    [['frobnicate'], 'Cannot run "bundle frobnicate": there is no such command', 'Commands: '],
    [
      ['build', 'a', '--jsn'],
      'Cannot run "bundle build": there is no option "--jsn"',
      'Did you mean "--json"?',
    ],
    [['build', 'a', '--dryrun=1'], 'Cannot run "bundle build": there is no option "--dryrun"', '"--dry-run"'],
    [
      ['build', 'a', '--lockd'],
      'Cannot run "bundle build": there is no option "--lockd"',
      'Did you mean "--lock" or "--locked"?',
    ],
    [['build', 'a', '--no-json'], 'Cannot run "bundle build": there is no option "--no-json"', '"--json"'],
    [['verify'], 'Cannot run "bundle verify": BUNDLE is missing', 'Usage: bundle verify BUNDLE [options]'],
    [['verify', 'a', 'b'], 'Cannot run "bundle verify": there is no place for the argument "b"', 'Usage:'],
    [['build', 'a', '-o'], 'Cannot run "bundle build": the option "-o" needs a value', 'Usage:'],
    [['build', 'a'], 'Cannot run "bundle build": the option "-o OUT" is missing', '-o lab.tar'],
    [['--nope'], 'Cannot run "bundle": no command is given', 'Commands: '],
    [
      ['install', 'a', '--kuberlr', '/x'],
      'Cannot run "bundle install": "/x" belongs to no option',
      '"--kuberlr=/x"',
    ],
    [
      ['build', 'a', '-o', 'b', '--concurrency', 'x'],
      'Cannot use --concurrency "x": expected a whole number',
      '',
    ],
    [['build', 'a', '-o', 'b', '--concurrency=65'], 'Cannot use --concurrency "65": expected a whole', ''],
    [['install', 'a', '--naming', 'x'], 'Cannot use --naming "x": expected rancher, strip, full', ''],
    [
      ['config', 'registry.yaml'],
      'Cannot use KIND "registry.yaml": expected registries.yaml, ',
      'Did you mean "registries.yaml"?',
    ],
    [
      ['config', 'registries.yaml', 'lab.tar'],
      'Cannot run "bundle config": there is no place for the argument "lab.tar"',
      'A bundle is named with "--bundle BUNDLE".',
    ],
    [
      ['help', 'biuld'],
      'Cannot explain "bundle biuld": there is no such command',
      'Did you mean "bundle help build"?',
    ],
  ])('refuses %j on stderr with status 2', async (argv, message, hint) => {
    const { status, stdout, stderr } = await runInMemory(argv);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(`error: ${message}`);
    expect(stderr).toContain('[ERR_USAGE_INVALID]');
    expect(/^hint: (.*)$/m.exec(stderr)?.[1] ?? '').toContain(hint);
  });

  it('tells a wrong command line as JSON too when it asks for JSON', async () => {
    const { status, stdout, stderr } = await runInMemory(['verify', '--json']);
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: 'ERR_USAGE_INVALID',
        message: 'Cannot run "bundle verify": BUNDLE is missing',
        problems: [],
      },
    });
    expect(stderr).toMatch(/^error: /);
  });

  it('prints the version', async () => {
    for (const argv of [['--version'], ['-V'], ['version']])
      expect(await runInMemory(argv)).toEqual({ status: 0, stdout: '1.2.3\n', stderr: '' });
    expect(JSON.parse((await runInMemory(['--version', '--json'])).stdout)).toEqual({ version: '1.2.3' });
  });

  it('explains itself when nothing is asked', async () => {
    const { status, stdout, stderr } = await runInMemory([]);
    expect([status, stderr]).toEqual([0, '']);
    for (const name of ['build', 'inspect', 'verify', 'install', 'help', 'version'])
      expect(stdout).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
    expect(await runInMemory(['--help'])).toEqual({ status, stdout, stderr });
    expect(await runInMemory(['-h'])).toEqual({ status, stdout, stderr });
  });

  it('has every command in one group of its help, and says what exit statuses mean', async () => {
    const pages = await loadPages();
    const grouped = GROUPS.flatMap(([, names]) => names);
    expect(grouped.toSorted()).toEqual(pages.map(({ name }) => name).toSorted());
    const { stdout } = await runInMemory(['help']);
    for (const { name, description } of pages)
      expect(stdout).toMatch(new RegExp(`^  ${name} +${description.slice(0, 20)}`, 'm'));
    expect(stdout).toMatch(/^ {2}3 +verification failed/m);
  });

  it.each([
    ['docker', 'load', 'install'],
    ['docker', 'images', 'inspect'],
    ['hauler', 'sync', 'build'],
    ['hauler', 'info', 'inspect'],
    ['zarf', 'create', 'build'],
    ['zarf', 'deploy', 'install'],
    ['oc-mirror', 'mirror', 'build'],
    ['skopeo', 'copy', 'convert'],
    ['ctr', 'import', 'install'],
    ['docker', 'save', 'build'],
    ['crane', 'export', 'build'],
    ['ls', 'ls', 'inspect'],
    ['rm', 'rm', 'uninstall'],
  ])("knows what %s's %j is here: %s", async (_, word, name) => {
    const { stderr } = await runInMemory([word, 'lab.tar']);
    expect(stderr).toContain(`hint: Did you mean "bundle ${name}"?`);
    expect((await runInMemory(['help', word])).stderr).toContain(`"bundle help ${name}"`);
  });

  it('takes no command of its own for a word of others', async () => {
    const names = (await loadPages()).map(({ name }) => name);
    const words = Object.values(SYNONYMS).flat();
    expect(words.filter((word) => names.includes(word))).toEqual([]);
    expect(Object.keys(SYNONYMS).filter((name) => !names.includes(name))).toEqual([]);
    expect(new Set(words).size).toBe(words.length);
  });

  it('says where credentials come from when somebody wants to log in', async () => {
    expect((await runInMemory(['login', 'harbor.example'])).stderr).toContain(
      'hint: Log in with "docker login"',
    );
  });

  it('explains a command, before and behind its name', async () => {
    const { status, stdout } = await runInMemory(['help', 'install']);
    expect(status).toBe(0);
    expect(stdout).toContain('Usage  bundle install BUNDLE [options]');
    expect(stdout).toMatch(/^ {2}--k3s-node\[=ROOT\] +prepare/m);
    expect(stdout).toMatch(/^ {2}--registry HOST\[:PORT\]\[\/PREFIX\] +push/m);
    expect(stdout).not.toContain('--node');
    expect(await runInMemory(['install', '--help'])).toEqual({ status, stdout, stderr: '' });
    expect(await runInMemory(['install', 'x', '-h'])).toEqual({ status, stdout, stderr: '' });
  });

  it('writes no escape sequence where there is no terminal', async () => {
    expect((await runInMemory(['help', 'build'])).stdout).not.toContain('\u001B');
  });

  it('marks words on a terminal, and not with NO_COLOR', async () => {
    expect((await runInMemory(['help'], { isTerminal: true })).stdout).toContain('\u001B[1m');
    const plain = await runInMemory(['help'], { isTerminal: true, env: { NO_COLOR: '1' } });
    expect(plain.stdout).not.toContain('\u001B');
    const refused = await runInMemory(['biuld'], { isTerminal: true, env: { NO_COLOR: '1' } });
    expect(refused.stderr).not.toContain('\u001B');
  });
});
