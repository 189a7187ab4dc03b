import { describe, expect, it } from 'vitest';
import { checkRegistries } from '../../../src/spec/registries/check.ts';

/** Returns the findings on a text, each as `level line:column what | hint`. */
function check(lines: readonly string[]): readonly string[] {
  return checkRegistries(`${lines.join('\n')}\n`, 'r.yaml').map(({ level, line, column, message, hint }) => {
    const place = `r.yaml:${line}:${column}: `;
    expect(message.startsWith(place)).toBe(true);
    const text = message.slice(place.length);
    return `${level} ${line}:${column} ${text}${hint === undefined ? '' : ` | ${hint}`}`;
  });
}

/** Returns the findings on mirrors of docker.io and the like, as a flow mapping. */
function checkMirrors(mirrors: string, configs = ''): readonly string[] {
  return check([`mirrors: ${mirrors}`, ...(configs === '' ? [] : [`configs: ${configs}`])]);
}

describe('a file whose indentation is lost, as guides print it', () => {
  const flat = [
    'mirrors:',
    '# the registry',
    'harbor.kingsd.top:',
    'endpoint:',
    '  - "https://harbor.kingsd.top"',
    'configs:',
    '"harbor.kingsd.top":',
    'auth:',
    '  username: admin  # the user',
    '  password: Password  # and the password',
  ];

  it('is YAML all the same, and without any effect', () => {
    expect(check(flat)).toEqual([
      'error 1:1 registries file: the whole file has no effect: nothing is under "mirrors" or "configs" | What belongs to them must be indented below them.',
      'error 1:9 "mirrors": expected a mapping, found nothing | Indent the keys that belong to it, or leave it out altogether.',
      'error 3:1 key "harbor.kingsd.top": K3s ignores it, there is no such key | A host belongs under mirrors or configs: check the indentation.',
      'error 4:1 key "endpoint": K3s ignores it, there is no such key | It belongs under mirrors and a host: check the indentation.',
      'error 6:9 "configs": expected a mapping, found nothing | Indent the keys that belong to it, or leave it out altogether.',
      'error 7:1 registries file: the key "harbor.kingsd.top" is there twice',
      'error 8:1 key "auth": K3s ignores it, there is no such key | It belongs under configs and a host: check the indentation.',
    ]);
  });

  it('never has its password in a finding', () => {
    expect(JSON.stringify(check(flat))).not.toContain('Password');
  });

  it('with a private authority, and with plain HTTP, is told of in the same way', () => {
    const tls = [
      'tls:',
      '  ca_file: /opt/certs/ca.crt',
      '  cert_file: /opt/certs/c.cert',
      '  key_file: /opt/certs/c.key',
    ];
    expect(check([...flat, ...tls]).at(-1)).toBe(
      'error 11:1 key "tls": K3s ignores it, there is no such key | It belongs under configs and a host: check the indentation.',
    );
    const http = flat.map((line) =>
      line.replaceAll('harbor.kingsd.top', '3.96.56.137').replace('https', 'http'),
    );
    expect(check(http)).toHaveLength(7);
  });

  it('is in order once it is indented', () => {
    expect(
      check([
        'mirrors:',
        '  harbor.kingsd.top:',
        '    endpoint:',
        '      - "https://harbor.kingsd.top"',
        'configs:',
        '  "harbor.kingsd.top":',
        '    auth:',
        '      username: admin',
        '      password: Password',
        '    tls:',
        '      ca_file: /opt/certs/ca.crt',
      ]),
    ).toEqual([]);
  });
});

describe('the YAML itself', () => {
  it('with tabs', () => {
    const [first] = check(['mirrors:', '\tdocker.io:', '\t\tendpoint: []']);
    expect(first).toMatch(/^error 2:\d+ registries file: the YAML is broken \(Tabs are not allowed/);
  });

  it('with a key twice', () => {
    expect(check(['mirrors:', '  a.example: {endpoint: ["https://x.example"]}', '  a.example:'])).toEqual([
      'error 3:3 registries file: the key "a.example" is there twice',
    ]);
  });

  it('with nothing in it', () => {
    const nothing =
      'warning 1:1 registries file: the whole file has no effect: nothing is under "mirrors" or "configs"';
    expect(check([''])).toEqual(expect.arrayContaining([nothing]));
    expect(check(['{}'])).toEqual([nothing]);
  });

  it('that is no mapping at all', () => {
    expect(check(['just text']).join('\n')).toContain('the whole file has no effect');
    expect(check(['- a'])).toEqual(
      expect.arrayContaining([expect.stringMatching(/^error 1:1 registries file: expected a mapping/)]),
    );
  });
});

describe('keys', () => {
  it.each([
    ['endpoints', 'Did you mean "endpoint"?'],
    ['rewrites', 'Did you mean "rewrite"?'],
    ['tls', 'It belongs under configs and a host: check the indentation.'],
    ['username', 'It belongs under configs, a host and auth: check the indentation.'],
  ])('of a mirror: "%s"', (key, hint) => {
    expect(checkMirrors(`{docker.io: {${key}: []}}`)).toEqual([
      `error 1:23 key "${key}": K3s ignores it, there is no such key in "mirrors['docker.io']" | ${hint}`,
    ]);
  });

  it.each([
    ['auth: {token: secret}', 'auth', 'token', 'K3s reads "identity_token", or "username" and "password".'],
    [
      'auth: {identitytoken: secret}',
      'auth',
      'identitytoken',
      'K3s reads "identity_token", or "username" and "password".',
    ],
    ['auth: {user: secret}', 'auth', 'user', 'Did you mean "username"?'],
    ['tls: {cafile: secret}', 'tls', 'cafile', 'Did you mean "ca_file"?'],
    ['tls: {insecure: true}', 'tls', 'insecure', expect.any(String)],
  ])('of a host: %s', (config, section, key) => {
    const [finding, ...rest] = check([`configs: {h.example: {${config}}}`]);
    expect(rest).toEqual([]);
    expect(finding).toMatch(
      new RegExp(
        `^error 1:\\d+ key "${key}": K3s ignores it, there is no such key in "configs\\['h\\.example'\\]\\.${section}" \\|`,
      ),
    );
    expect(finding).not.toContain('secret');
  });

  it('of "auth.token" says what K3s reads', () => {
    expect(check(['configs: {h.example: {auth: {token: x}}}'])[0]).toContain('K3s reads "identity_token"');
  });

  it('one level too high', () => {
    expect(check(['mirrors: {endpoint: ["https://x.example"]}'])).toEqual(
      expect.arrayContaining([
        'error 1:11 key "endpoint": K3s takes it for the name of a host | It belongs under mirrors and a host: check the indentation.',
      ]),
    );
    expect(check(['configs: {h.example: {username: a, password: b}}'])).toEqual([
      `error 1:23 key "username": K3s ignores it, there is no such key in "configs['h.example']" | It belongs under configs, a host and auth: check the indentation.`,
      `error 1:36 key "password": K3s ignores it, there is no such key in "configs['h.example']" | It belongs under configs, a host and auth: check the indentation.`,
    ]);
    expect(check(['configs: {auth: {username: a, password: b}}'])).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^error 1:11 key "auth": K3s takes it for the name of a host/),
      ]),
    );
  });

  it('"auths", which K3s still reads', () => {
    expect(check(['configs: {h.example: {}}', 'auths: {}'])).toEqual([
      'warning 2:1 key "auths": it is deprecated | Write "auth" under "configs" and the host.',
    ]);
  });

  it('of mirrors that no image names', () => {
    expect(checkMirrors('{"https://docker.io": {endpoint: ["https://x.example"]}}')).toEqual([
      'error 1:11 key "https://docker.io": no image has such a host | Write the host alone: "docker.io".',
    ]);
    expect(checkMirrors('{docker.io/rancher: {endpoint: ["https://x.example"]}}')[0]).toContain(
      '"docker.io"',
    );
    expect(checkMirrors('{registry-1.docker.io: {endpoint: ["https://x.example"]}}')[0]).toMatch(
      /^error .*Write "docker.io"/,
    );
    expect(checkMirrors('{"*": {endpoint: ["https://x.example"]}, "r:5000": }')).toEqual([]);
  });
});

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
        expect.stringMatching(/^error .*(?:no image has such a host|no wildcard but|looks for a host)/),
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
        expect.stringMatching(/^warning .*"\/v2\/lab\/mirror\/" for a greeting.*\| .*"lab\/mirror\/\$1"/),
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
    expect(findings).toEqual([expect.stringContaining(`K3s hands ${what} on to containerd as it is`)]);
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
      'error 1:23 key "rewrite": there is no endpoint that it would apply to | Names are rewritten for the endpoints of a mirror, never for the registry itself.',
    ]);
  });
});

describe('configs', () => {
  const on = (key: string, config = '{}'): readonly string[] =>
    checkMirrors('{docker.io: {endpoint: ["https://x.example:5000"]}}', `{"${key}": ${config}}`);

  it.each(['x.example:5000', 'docker.io', 'registry-1.docker.io', '*'])('are for somebody: %s', (key) => {
    expect(on(key)).toEqual([]);
  });

  it('for another port than the endpoint has', () => {
    const hint = `Write "x.example:5000": the key is the endpoint's host and port as they are written there.`;
    for (const key of ['x.example', 'x.example:443', 'X.example'])
      expect(on(key)).toEqual([
        `error 2:11 key "${key}": K3s asks "x.example:5000", and these settings are for another port | ${hint}`,
      ]);
  });

  it('for a URL', () => {
    expect(on('https://x.example:5000')).toEqual([
      'error 2:11 key "https://x.example:5000": K3s looks for a host here | Write "x.example:5000", without scheme and path.',
    ]);
  });

  it('for a host that no mirror leads to', () => {
    expect(on('y.example:5000')).toEqual([
      'warning 2:11 key "y.example:5000": no mirror has this host for an endpoint, so this is only for images that are named after it | Did you mean "x.example:5000"?',
    ]);
    expect(check(['configs: {quay.io: {auth: {username: a, password: b}}}'])).toEqual([]);
  });

  it('with half of a credential, or none that anybody can read', () => {
    expect(on('*', '{auth: {username: a}}')[0]).toContain('a username without a password');
    expect(on('*', '{auth: {password: b}}')[0]).toContain('a password without a username');
    expect(on('*', '{auth: {auth: c2VjcmV0}}')[0]).toMatch(
      /^error .* not base64 of a user, a colon and a password/,
    );
    expect(on('*', '{auth: {auth: dXNlcjpwYXNz}}')).toEqual([]);
    expect(on('*', '{auth: {identity_token: x}}')).toEqual([]);
  });

  it('with variables, which K3s does not expand', () => {
    expect(on('*', '{auth: {username: a, password: "${HARBOR_PASSWORD}"}}')).toEqual([
      `warning 2:47 "configs['*'].auth.password": K3s expands no variables and takes this as it is written | Put the value in before the file goes to a node.`,
    ]);
  });

  it('with a password that is a number, which Go takes for text', () => {
    expect(on('*', '{auth: {username: a, password: 1234}}')).toEqual([
      expect.stringMatching(/^warning 2:47 "configs\['\*'\]\.auth\.password": expected text/),
    ]);
  });

  it('with half of a client certificate', () => {
    expect(on('*', '{tls: {cert_file: /a}}')).toEqual([expect.stringMatching(/^error .*go together/)]);
  });

  it('with TLS where there is none', () => {
    expect(
      checkMirrors('{docker.io: {endpoint: ["http://x.example"]}}', '{x.example: {tls: {ca_file: /a}}}'),
    ).toEqual([
      'warning 2:23 key "tls": every endpoint of this host begins with "http://", so there is no TLS to set up',
    ]);
  });
});
