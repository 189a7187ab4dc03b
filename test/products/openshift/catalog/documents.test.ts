import { describe, expect, it } from 'vitest';
import { catalogDocuments } from '../../../../src/products/openshift/catalog/documents.ts';
import { catalogFact, parseCatalogText } from '../../../../src/products/openshift/catalog/facts.ts';
import { withoutData } from '../../../../src/products/openshift/catalog/without-data.ts';
import { olmBundle, olmChannel, olmPackage, rendered } from '../../../support/samples/catalog.ts';

const fail = (fact: string): Error => new Error(fact);

/** Yields a text in chunks of a size (bytes). */
async function* chunked(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function textsIn(text: string, size = 7): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const { format, bytes } of catalogDocuments(chunked(text, size), fail))
    texts.push(`${format} ${Buffer.from(bytes).toString('utf8')}`);
  return texts;
}

const TRICKY = ['{"a":"}{\\""}', '{"a":"\\\\","b":["]",{"c":"\\\\\\""}]}', '{}', '{"é":"😀\\u007d"}'];

describe('the documents of a file', () => {
  it.each([1, 2, 3, 5, 64, 4096])('are found in chunks of %i bytes', async (size) => {
    const text = `\n ${TRICKY.join('\r\n\t')}${TRICKY.join('')}\n`;
    expect(await textsIn(text, size)).toEqual([...TRICKY, ...TRICKY].map((each) => `json ${each}`));
  });

  it('are YAML where the first byte is no brace', async () => {
    const text = '# one\n---\nschema: a\nb: "--- c"\n---\n--- # two\n{"schema": "b"}\n';
    expect(await textsIn(text, 3)).toEqual([
      'yaml # one\n',
      'yaml schema: a\nb: "--- c"\n',
      'yaml {"schema": "b"}\n',
    ]);
  });

  it('are none in a file of spaces', async () => {
    expect(await textsIn(' \n\t')).toEqual([]);
  });

  it.each([
    ['{"a":1', 'it ends in the middle of a document'],
    ['{"a":"\\"}', 'it ends in the middle of a document'],
    ['{} []', 'it is not JSON'],
    ['{} schema: a', 'it is not JSON'],
    [`{"a":"${'x'.repeat(33 * 1024 * 1024)}"}`, 'one of its documents has more than 33554432 bytes'],
    [`a: ${'x'.repeat(9 * 1024 * 1024)}`, 'one of its documents has more than 8388608 bytes'],
  ])('are refused in %.20s', async (text, fact) => {
    await expect(textsIn(text, 65_536)).rejects.toThrow(fact);
  });

  it('are held one at a time', async () => {
    const documents = [olmPackage('a'), olmChannel('a', 'x', 'a.v1'), olmBundle('a', '1.0.0')].map((each) =>
      JSON.stringify(each),
    );
    let pulled = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for (const document of documents) {
        pulled += 1;
        yield Buffer.from(document);
      }
    }
    const before: number[] = [];
    for await (const { bytes } of catalogDocuments(counted(), fail)) {
      expect(Buffer.from(bytes).toString('utf8')).toBe(documents[before.length]);
      before.push(pulled);
    }
    expect(before).toEqual([1, 2, 3]);
  });
});

describe('a document', () => {
  const factsIn = async (text: string): Promise<readonly unknown[]> => {
    const facts: unknown[] = [];
    for await (const each of catalogDocuments(chunked(text, 50), fail))
      facts.push(catalogFact(parseCatalogText(each, fail), fail));
    return facts;
  };

  it('says the same in JSON and in YAML', async () => {
    const json = rendered(
      olmPackage('a', 'x'),
      olmChannel('a', 'x', 'a.v2.0.0 > a.v1.0.0 - a.v1.5.0', 'a.v1.0.0'),
      olmBundle('a', '2.0.0', ['quay.io/lab/a@sha256:1', 'quay.io/lab/b:1', 'quay.io/lab/a@sha256:1', '']),
    );
    const yaml = `---
schema: olm.package
name: a
defaultChannel: x
---
schema: olm.channel
package: a
name: x
entries:
- { name: a.v2.0.0, replaces: a.v1.0.0, skips: [a.v1.5.0] }
- name: a.v1.0.0
---
schema: olm.bundle
package: a
name: a.v2.0.0
image: quay.io/lab/a@sha256:1
properties: [{ type: olm.package, value: { packageName: a, version: 2.0.0 } }]
relatedImages:
- image: quay.io/lab/b:1
`;
    const facts = await factsIn(json);
    expect(await factsIn(yaml)).toEqual(facts);
    expect(facts).toEqual([
      { schema: 'olm.package', package: 'a', defaultChannel: 'x' },
      {
        schema: 'olm.channel',
        package: 'a',
        name: 'x',
        entries: [
          { name: 'a.v2.0.0', replaces: 'a.v1.0.0', skips: ['a.v1.5.0'] },
          { name: 'a.v1.0.0', skips: [] },
        ],
      },
      {
        schema: 'olm.bundle',
        package: 'a',
        name: 'a.v2.0.0',
        version: '2.0.0',
        images: ['quay.io/lab/a@sha256:1', 'quay.io/lab/b:1'],
      },
    ]);
  });

  it('of an unknown schema says which package it belongs to', async () => {
    expect(await factsIn('{"schema":"lab.x","package":"a"}{"schema":"lab.y"}')).toEqual([
      { schema: 'other', package: 'a' },
      { schema: 'other' },
    ]);
  });

  it.each([
    ['{"package":"a"}', 'document "a" has no "schema"'],
    ['{"a":1}', 'one of its documents has no "schema"'],
    ['{"schema":1}', 'has a "schema" that is not a name'],
    ['{"schema":"olm.bundle","name":"a.v1"}', 'document "olm.bundle a.v1" has no "package"'],
    ['{"schema":"olm.channel","package":"a"}', 'has no "name"'],
    ['{"schema":"olm.channel","package":"a","name":"x","entries":{}}', 'has a "entries" that is not a list'],
    [
      '{"schema":"olm.channel","package":"a","name":"x","entries":["b"]}',
      'an entry of a channel is not an object',
    ],
    [
      '{"schema":"olm.channel","package":"a","name":"x","entries":[{"name":"b","skips":[1]}]}',
      'skips something that is not a name',
    ],
    [`{"schema":"olm.package","name":"${'a'.repeat(1025)}"}`, 'has a "name" that is not a name'],
    ['{"schema":"olm.package","name":"a","name":"b"}', 'one of its objects has "name" twice'],
    ['{"schema":x}', 'it is not JSON'],
    [`{"schema":"a","b":${'['.repeat(70)}${']'.repeat(70)}}`, 'it is nested more than 64 deep'],
    ['- 1', 'one of its documents is not an object'],
    ['a: [', 'it is not YAML'],
    ['a: 1\na: 2\n', 'it is not YAML'],
    [`a: &a [x]\nb: &b [${'*a,'.repeat(20)}]\nc: [${'*b,'.repeat(20)}]\n`, 'it is not YAML'],
  ])('is refused: %.60s', async (text, fact) => {
    await expect(factsIn(text)).rejects.toThrow(fact);
  });

  it('may have members that differ in case alone', async () => {
    expect(await factsIn('{"schema":"lab.x","data":{"Foo":1,"foo":2}}')).toHaveLength(1);
  });
});

describe('the data in a document', () => {
  const long = 'QUJD'.repeat(2000);

  it.each([
    [`{"a":"${long}","b":["${long}=="],"c":"x"}`, '{"a":"","b":[""],"c":"x"}'],
    [`{"a":"${long}\\"","b":"${long}"}`, `{"a":"${long}\\"","b":""}`],
    [`{"a":"${long} "}`, `{"a":"${long} "}`],
    ['{"a":"QUJD"}', '{"a":"QUJD"}'],
    ['{"a":"\\\\","b":"x"}', '{"a":"\\\\","b":"x"}'],
  ])('is left out before it is parsed: %.30s', (text, expected) => {
    expect(Buffer.from(withoutData(Buffer.from(text))).toString('utf8')).toBe(expected);
  });
});
