import { describe, expect, it } from 'vitest';
import { check, checkMirrors } from '../../support/registries-findings.ts';

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
      'error 7:1 registries file: the key "harbor.kingsd.top" appears twice',
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
      'error 3:3 registries file: the key "a.example" appears twice',
    ]);
  });

  it('with nothing in it', () => {
    const nothing =
      'warning 1:1 registries file: the whole file has no effect: nothing is under "mirrors" or "configs"';
    expect(check([''])).toEqual(expect.arrayContaining([nothing]));
    expect(check(['{}'])).toEqual([nothing]);
  });

  it('that is not a mapping at all', () => {
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

describe('configs', () => {
  const on = (key: string, config = '{}'): readonly string[] =>
    checkMirrors('{docker.io: {endpoint: ["https://x.example:5000"]}}', `{"${key}": ${config}}`);

  it.each(['x.example:5000', 'docker.io', 'registry-1.docker.io', '*'])('are for somebody: %s', (key) => {
    expect(on(key)).toEqual([]);
  });

  it('for another port than the endpoint has', () => {
    const hint = `Write "x.example:5000": the key is the host and port exactly as the endpoint has them.`;
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
      'warning 2:11 key "y.example:5000": no mirror has this host as an endpoint, so this applies only to images named after it | Did you mean "x.example:5000"?',
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
