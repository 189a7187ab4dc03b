import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseWhole } from './support/sites/spec-document.ts';

const DOCS = join(import.meta.dirname, '..', 'docs');
const GUIDES = readdirSync(join(DOCS, 'guides')).filter((name) => name.endsWith('.md'));
const REFERENCE = readFileSync(join(DOCS, 'cli.md'), 'utf8');

describe.each(GUIDES)('the guide %s', (name) => {
  const text = readFileSync(join(DOCS, 'guides', name), 'utf8');

  it('names commands and options that there are', () => {
    const commands = [...text.matchAll(/(?:^|`|\$ |^ +- (?:run: )?)bundle ([a-z]+)([^`\n#>|]*)/gm)];
    const unknown = commands.flatMap(([whole, command = '', rest = '']) => {
      const page = pageOf(command);
      const options = rest.match(/--[a-z][a-z0-9-]*/g) ?? [];
      return page === undefined || options.some((option) => !page.includes(option)) ? [whole.trim()] : [];
    });
    expect(commands.length).toBeGreaterThan(0);
    expect(unknown).toEqual([]);
  });

  it('shows specs that can be read', () => {
    const specs = [...text.matchAll(/^```yaml\n(bundle: 1\n[\s\S]*?)^```/gm)].map(([, spec = '']) => spec);
    for (const spec of specs) expect(parseWhole(spec, name).value.bundle).toBe(1);
    expect(specs.length).toBe(text.split('\nbundle: 1\n').length - 1);
  });
});

describe('the guide ci.md', () => {
  const text = readFileSync(join(DOCS, 'guides', 'ci.md'), 'utf8');
  const [github, gitlab] = [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(
    ([, pipeline = '']): unknown => parse(pipeline),
  );

  it.each([
    ['GitHub', stepsOf(Object(github).jobs), { build: 'push', check: 'schedule' }],
    ['GitLab', stepsOf(gitlab), { build: 'push', check: 'schedule' }],
  ])('builds for every commit and checks the lock every night at %s', (_, steps, when) => {
    const { build, check } = steps;
    expect(build?.commands).toEqual([
      'mkdir -p out',
      'bundle build lab.yaml -o out/lab.tar --locked',
      'bundle verify out/lab.tar',
    ]);
    expect(check?.commands).toEqual(['bundle lock lab.yaml --check']);
    for (const [job, event] of Object.entries(when)) expect(steps[job]?.when).toContain(event);
  });

  it('keeps OUT between two runs', () => {
    expect(JSON.stringify(github)).toContain('"path":"out","key":"bundle-');
    expect(Object(gitlab).build.cache).toMatchObject({ key: 'bundle', paths: ['out'] });
  });
});

interface Job {
  readonly when: string;
  readonly commands: readonly string[];
}

/** Returns the jobs of a pipeline of either kind, without the installation of the program. */
function stepsOf(jobs: unknown): Readonly<Record<string, Job>> {
  return Object.fromEntries(
    Object.entries(Object(jobs)).map(([name, job]) => {
      const { steps = [], script = [], rules = [], if: condition = '' } = Object(job);
      const runs = steps.flatMap((step: unknown) => Object(step).run ?? []);
      const commands = [...runs, ...script].map(String).filter((line) => !line.startsWith('npm '));
      return [name, { when: `${condition}${JSON.stringify(rules)}`, commands }];
    }),
  );
}

function pageOf(command: string): string | undefined {
  const pages = REFERENCE.split(/^## /m);
  return pages.find((page) => page.startsWith(`bundle ${command}\n`));
}
