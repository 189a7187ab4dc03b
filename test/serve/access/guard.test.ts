import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashSync } from 'bcryptjs';
import { describe, expect, it } from 'vitest';
import { passwordGuard } from '../../../src/serve/access/guard.ts';
import { parseHtpasswd } from '../../../src/serve/access/htpasswd.ts';
import { failureOf, problemsIn } from '../../support/failure.ts';
import { DOCKER_REGISTRY_USER } from '../../support/registry/docker-registry.ts';
import { startServing } from '../../support/sites/serving.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const HASH = hashSync('correct horse', 4);
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('parseHtpasswd', () => {
  it('takes what htpasswd writes, and comments and empty lines', () => {
    const users = parseHtpasswd(
      `# users\r\n\r\nann:${HASH}\r\nbob:${HASH.replace('$2b$', '$2y$')}\n`,
      'users',
    );
    expect([...users.keys()]).toEqual(['ann', 'bob']);
  });

  it('names every line that is wrong, and no hash', async () => {
    const md5 = '$apr1$salt$c2VjcmV0c2VjcmV0';
    const error = await failureOf(() =>
      parseHtpasswd(`ann:${md5}\nbob\nann:${HASH}\nann:${HASH}\n:${HASH}\n`, 'users'),
    );
    expect(error.code).toBe('ERR_CREDENTIALS_INVALID');
    const problems = problemsIn(error);
    expect(problems.map((line) => /line (\d)/.exec(line)?.[1])).toEqual(['1', '2', '4', '5']);
    expect([error.message, ...problems].join()).not.toContain('$apr1$');
    expect([error.message, ...problems].join()).not.toContain(HASH.slice(7));
  });

  it.each([
    ['nobody', '# nobody\n', /no user/],
    ['a hash of too many rounds', `ann:${HASH.replace('$04$', '$20$')}`, /rounds/],
    ['a hash of three rounds', `ann:${HASH.replace('$04$', '$03$')}`, /3 rounds/],
    ['a hash of no rounds', `ann:${HASH.replace('$04$', '$00$')}`, /0 rounds/],
  ])('refuses a file with %s', async (_, text, fact) => {
    expect((await failureOf(() => parseHtpasswd(text, 'users'))).message).toMatch(fact);
  });
});

describe('passwordGuard', () => {
  const passwords = new Map([['ann', HASH]]);

  it.each([
    ['the right password', basic('ann:correct horse'), 'granted'],
    ['a wrong password', basic('ann:wrong'), 'denied'],
    ['an unknown user', basic('eve:correct horse'), 'denied'],
    ['a user that every object has', basic('constructor:correct horse'), 'denied'],
    ['no password', basic('ann:'), 'denied'],
    ['no colon', basic('ann'), 'denied'],
    ['nothing', undefined, 'denied'],
    ['what is no Base64', 'Basic !!!', 'denied'],
    ['a token', 'Bearer abc', 'denied'],
    ['the name of the scheme in capitals', basic('ann:correct horse').replace('Basic', 'BASIC'), 'granted'],
  ])('says what to do with %s', async (_, header, admission) => {
    expect(await (await passwordGuard(passwords))(header)).toBe(admission);
  });

  it('says the same again when it remembers, and never for another password', async () => {
    const guard = await passwordGuard(passwords);
    expect(await guard(basic('ann:correct horse'))).toBe('granted');
    expect(await guard(basic('ann:correct horse'))).toBe('granted');
    expect(await guard(basic('ann:correct hors'))).toBe('denied');
    expect(await guard(basic('ann:correct horse2'))).toBe('denied');
  });

  it('lets only so many wait for a password to be checked, and those who are right come in afterwards', async () => {
    const guard = await passwordGuard(passwords);
    const flood = await Promise.all(
      Array.from({ length: 100 }, (_, index) => guard(basic(`ann:guess ${index}`))),
    );
    expect(flood.filter((admission) => admission === 'busy')).toHaveLength(68);
    expect(flood).not.toContain('granted');
    expect(await guard(basic('ann:correct horse'))).toBe('granted');
  });

  it('checks a password once for all who ask at the same time', async () => {
    const guard = await passwordGuard(passwords);
    const all = await Promise.all(Array.from({ length: 100 }, () => guard(basic('ann:correct horse'))));
    expect(new Set(all)).toEqual(new Set(['granted']));
  });
});

describe('a server with passwords', () => {
  it('says the same to everyone it does not let in', async () => {
    await using serving = await startServing({ guard: await passwordGuard(new Map([['ann', HASH]])) });
    const answers = [];
    for (const header of [undefined, basic('ann:wrong'), basic('eve:wrong'), 'Bearer x']) {
      const headers = header === undefined ? {} : { authorization: header };
      const response = await serving.get('/v2/', { headers });
      answers.push([response.status, response.headers.get('www-authenticate'), await response.text()]);
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.[0]).toBe(401);
    expect(answers[0]?.[1]).toMatch(/^Basic realm=/);
    expect(answers[0]?.[2]).toContain('UNAUTHORIZED');
  });

  it('lets in who has the password, everywhere; the others see its health alone', async () => {
    await using serving = await startServing({ guard: await passwordGuard(new Map([['ann', HASH]])) });
    const headers = { authorization: basic('ann:correct horse') };
    for (const path of ['/v2/', '/v2/rancher/rancher/manifests/v2.9.2', '/files/tool.bin', '/metrics', '/']) {
      expect((await serving.get(path, { headers })).status).toBe(200);
      expect((await serving.get(path)).status).toBe(401);
    }
    expect((await serving.get('/healthz')).status).toBe(200);
    expect((await serving.get('/nothing')).status).toBe(401);
    expect(serving.accesses.map((entry) => JSON.stringify(entry)).join()).not.toContain('correct horse');
  });

  it('takes the file that the registry of the distribution project takes', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'users');
    const text = 'saddlebag:$2b$05$ZLa2sIViSsJcgj.2A8wYQO.lf/kEgQJawu8xN8SneQMwbzk/TYGqy\n';
    writeFileSync(path, text);
    const guard = await passwordGuard(parseHtpasswd(text, path));
    const { username, password } = DOCKER_REGISTRY_USER;
    expect(await guard(basic(`${username}:${password}`))).toBe('granted');
  });
});
