import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manPage, STATUSES } from '../../src/cli/man-page.ts';
import { loadPages } from '../../src/cli/pages.ts';
import { EXIT_STATUS } from '../../src/internal/error-code.ts';
import { peer } from '../support/peers/peers.ts';

describe('the manual page', () => {
  const mandoc = peer('mandoc') ?? '';

  it.runIf(mandoc !== '')(
    'is read by mandoc without a warning, and has every option of every command',
    async () => {
      const pages = await loadPages();
      const text = manPage(pages, '1.2.3');
      const { stdout } = spawnSync(mandoc, ['-T', 'lint', '-W', 'warning'], {
        input: text,
        encoding: 'utf8',
      });
      // A date would make the package another one each day.
      expect(stdout.replace(/^.*missing date.*\n/, '')).toBe('');
      const shown = execFileSync(mandoc, ['-T', 'ascii', '-O', 'width=400'], {
        input: text,
        encoding: 'utf8',
      });
      const plain = shown.replaceAll(new RegExp(`.${String.fromCodePoint(8)}`, 'g'), '');
      for (const { usage, description, options } of pages) {
        expect(plain).toContain(usage);
        expect(plain).toContain(description.slice(1));
        for (const { names } of options) expect(plain).toContain(names.join(', '));
      }
    },
  );

  it('has every exit status, with the meaning that the reference gives it', async () => {
    const errors = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
    for (const [status, meaning] of STATUSES) expect(errors).toContain(`| ${status} | ${meaning} |`);
    const text = manPage([], '1.2.3');
    for (const status of new Set(Object.values(EXIT_STATUS))) expect(text).toContain(`.TP\n.B ${status}\n`);
  });

  it('takes nothing of a text for a request', () => {
    const page = {
      name: 'x',
      usage: 'bundle x',
      positionals: [],
      options: [],
      examples: [],
      description: 'y',
      details: String.raw`.so /etc/passwd \fB`,
    };
    expect(manPage([page], '1')).toContain(String.raw`\&.so /etc/passwd \efB`);
  });
});
