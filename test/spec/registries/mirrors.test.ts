import { describe, expect, it } from 'vitest';
import { checkMirrors } from '../../support/registries-findings.ts';

describe('keys of mirrors and configs', () => {
  it.each([
    '*.docker.io',
    '**',
    '*:5000',
    'registry.*',
    '[registry.lan]',
    'registry.lan:',
    'http:',
    'docker.io.',
    '-a.b',
    'a b',
    'registry',
    '[fd00::g]',
    'fd00::7',
  ])('that no image can be of: %s', (key) => {
    for (const findings of [
      checkMirrors(`{"${key}": {endpoint: ["https://x.example"]}}`),
      checkMirrors('{docker.io: {endpoint: ["https://x.example"]}}', `{"${key}": {}}`),
    ])
      expect(findings).toEqual([
        expect.stringMatching(/^error .*(?:no image has such a host|the only wildcard|looks for a host)/),
      ]);
  });

  it.each([
    '*',
    'docker.io',
    'r:5000',
    'localhost',
    'Registry.Example:5000',
    'Harbor',
    '[fd00::7]',
    '[fd00::7]:5000',
    '10.0.0.1',
  ])('that images are of: %s', (key) => {
    expect(checkMirrors(`{"${key}": {endpoint: ["https://x.example"]}}`)).toEqual([]);
  });
});

describe('endpoints', () => {
  const on = (endpoint: string): readonly string[] =>
    checkMirrors(`{docker.io: {endpoint: ["${endpoint}"]}}`);
  const place = `1:34 "mirrors['docker.io'].endpoint[0]":`;

  it.each(['https://x.example', 'http://x.example:5000', 'https://x.example/v2', 'https://x.example/v2/'])(
    'are taken: %s',
    (endpoint) => {
      expect(on(endpoint)).toEqual([]);
    },
  );

  it('without a scheme', () => {
    expect(on('x.example:5000')).toEqual([
      `warning ${place} it has no scheme, so K3s takes "https://" | Write "https://x.example:5000", or the other if that is what it speaks.`,
    ]);
    expect(on('localhost:5000')[0]).toContain('K3s takes "http://"');
    expect(on('localhost')[0]).toContain('K3s takes "https://"');
  });

  it.each([
    'http:/x.example',
    'https://user:secret@x.example',
    'https://x.example?a=b',
    'https://',
    'https://a b',
  ])('that are no plain URL: %s', (endpoint) => {
    const findings = on(endpoint);
    expect(findings).toEqual([expect.stringMatching(/^error .*: it is not a plain URL \|/)]);
    expect(findings[0]).not.toContain('secret');
  });

  it('of another scheme', () => {
    expect(on('oci://x.example')).toEqual([
      `error ${place} it has the scheme "oci" | Write "https://" or "http://".`,
    ]);
  });

  it('with a path that takes the place of /v2', () => {
    expect(on('https://x.example/mirror')).toEqual([
      `warning ${place} K3s asks for images under "/mirror" and not under "/v2" | Most registries need "/v2/mirror".`,
    ]);
    expect(on('https://x.example/mirror/')).toEqual([
      `warning ${place} K3s asks for images under "/mirror" and not under "/v2" | Most registries need "/v2/mirror".`,
    ]);
  });

  it.each(['https://x.example/v2/lab/mirror', 'https://x.example/v2/lab/mirror/'])(
    'with a path below /v2, where nodes are greeted by nobody: %s',
    (endpoint) => {
      expect(on(endpoint)).toEqual([
        expect.stringMatching(
          /^warning .*"\/v2\/lab\/mirror\/", which most registries do not answer \| .*"lab\/mirror\/\$1"/,
        ),
      ]);
    },
  );

  it('with a slash for a path, which old K3s takes for one', () => {
    expect(on('https://x.example/')).toEqual([
      expect.stringMatching(/^warning .*before January 2024.*\| Leave the final "\/" out\.$/),
    ]);
  });

  it.each(['http://[fd00::7]:5000', 'https://[::1]', '[fd00::7]:5000'])(
    'that are addresses of IPv6: %s',
    (endpoint) => {
      expect(on(endpoint)).toContainEqual(
        expect.stringMatching(
          /^warning .*containerd before 2\.0 drops every mirror.*\| Give the registry a name/,
        ),
      );
    },
  );

  it.each([
    ['https://x.example', 'https://x.example'],
    ['https://x.example', 'x.example'],
    ['https://x.example', 'https://X.example/v2'],
    ['https://x.example/v2/', 'https://x.example/'],
    ['http://localhost:5000', 'localhost:5000'],
    ['https://x.example/v2/lab', 'https://x.example/v2/lab/'],
  ])('that are one and the same: %s and %s', (first, second) => {
    expect(checkMirrors(`{docker.io: {endpoint: ["${first}", "${second}"]}}`)).toContainEqual(
      expect.stringMatching(/^warning .*endpoint\[1\]": it is the same as endpoint 1/),
    );
  });

  it.each([
    ['https://x.example', 'http://x.example'],
    ['https://x.example', 'https://x.example:5000'],
    ['https://x.example', 'https://x.example/v2/lab'],
  ])('that are two: %s and %s', (first, second) => {
    const findings = checkMirrors(`{docker.io: {endpoint: ["${first}", "${second}"]}}`);
    expect(findings.filter((finding) => finding.includes('the same'))).toEqual([]);
  });

  it('that are no list', () => {
    expect(checkMirrors('{docker.io: {endpoint: "https://x.example"}}')).toEqual([
      `error 1:33 "mirrors['docker.io'].endpoint": expected a list, found "https://x.example" | Write each entry on a line of its own, after "- ".`,
    ]);
  });
});

describe('rewrites', () => {
  const on = (rewrite: string, source = 'docker.io'): readonly string[] =>
    checkMirrors(`{"${source}": {endpoint: ["https://x.example"], rewrite: {${rewrite}}}}`);

  it.each([
    `"^rancher/(.*)": "mirror/$1"`,
    `'^(?P<a>[a-z]+)/(.*)$': '\${a}x/$2'`,
    `"^library/(.*)$": "a/$1", "^rancher/(.*)$": "b/$1"`,
    `"^([^l].*|l[^i].*)$": "a/$1", "^library/(.*)$": "b/$1"`,
    `'[[:alpha:]]+': x`,
    `'(?i:A)': x`,
  ])('are taken: %s', (rewrite) => {
    expect(on(rewrite).filter((finding) => !finding.includes('not a regular expression'))).toEqual([]);
  });

  it.each([
    [`"(": x`, 'it is not a regular expression'],
    [`"^(?!library/)(.*)": x`, 'Go has no look-around'],
    [`"(?<=a)b": x`, 'Go has no look-around'],
    [`'(a)\\1': x`, 'Go has no back-references'],
    [`"^docker.io/(.*)": "$1"`, 'the host is no part of the name'],
    [`"(.*):latest": "$1"`, 'the tag is no part of the name'],
    [`"^(.*)$": "$1_x"`, 'one group with that name, which is empty | Write "${1}" before a letter.'],
    [`"^(.*)$": 'x/\\1'`, 'Go takes a backslash as it is | Write "$1" for the first group.'],
  ])('that do not do what they seem to: %s', (rewrite, fact) => {
    const findings = on(rewrite);
    expect(findings).toEqual([expect.stringContaining(fact)]);
    expect(findings[0]).toMatch(/^error/);
  });

  it.each([
    [`'^some\\.org/app$': x`, 'a backslash'],
    [`'^(\\w+)/(.*)$': x`, 'a backslash'],
    [`'^a"b$': x`, 'a quote'],
    [`'^a$': 'b\\c'`, 'a backslash'],
    [`'^a$': 'b"c'`, 'a quote'],
  ])('that K3s writes into TOML as they are: %s', (rewrite, what) => {
    const findings = on(rewrite);
    expect(findings).toEqual([expect.stringContaining(`K3s passes ${what} on to containerd as it is`)]);
    expect(findings[0]).toMatch(/^error/);
  });

  it.each([
    `"^library/(.*)$": "a/$1", "^(.*)$": "b/$1"`,
    `"(.*)": "a/$1", "^rancher/shell$": b`,
    `"^rancher/.+": a, "^rancher/shell$": b`,
    `"^rancher/([a-z]+)": a, "^(?P<all>.*)$": b`,
  ])('of which two match one name: %s', (rewrite) => {
    expect(on(rewrite)).toEqual([
      expect.stringMatching(/^warning .* matches "[^"]+" too, and K3s applies either/),
    ]);
  });

  it('without an endpoint', () => {
    expect(checkMirrors('{docker.io: {rewrite: {"^a": b}}}')).toEqual([
      'error 1:23 key "rewrite": there is no endpoint that it applies to | Names are rewritten for the endpoints of a mirror, never for the registry itself.',
    ]);
  });
});
