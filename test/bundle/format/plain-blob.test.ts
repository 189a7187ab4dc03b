import { describe, expect, it } from 'vitest';
import { BLOB_SCHEMA, plainBlob } from '../../../src/bundle/format/schema.ts';
import { digestOf } from '../../../src/oci/digest.ts';

const digest = digestOf('content');
const VALUES: readonly (readonly [what: string, json: string])[] = [
  ['a blob', `{"digest":"${digest}","size":7}`],
  ['an empty one', `{"size":0,"digest":"${digest}"}`],
  ['one with another member', `{"digest":"${digest}","size":7,"urls":[]}`],
  ['one with a member that objects have', `{"digest":"${digest}","size":7,"__proto__":null}`],
  ['one whose members objects have', `{"__proto__":{"digest":"${digest}","size":7}}`],
  ['one without a size', `{"digest":"${digest}"}`],
  ['one without a digest', '{"size":7,"sha256":""}'],
  ['a size below nothing', `{"digest":"${digest}","size":-1}`],
  ['a part of a byte', `{"digest":"${digest}","size":0.5}`],
  ['a size beyond whole numbers', `{"digest":"${digest}","size":9007199254740992}`],
  ['a size as text', `{"digest":"${digest}","size":"7"}`],
  ['upper-case digits', `{"digest":"${digest.toUpperCase()}","size":7}`],
  ['a digest with more behind it', `{"digest":"${digest}\\n","size":7}`],
  ['a list', `["${digest}",7]`],
  ['nothing', 'null'],
];

describe('a blob of the usual form', () => {
  it.each(VALUES)('is what its schema takes: %s', (_, json) => {
    const asked = BLOB_SCHEMA.safeParse(JSON.parse(json));
    expect(plainBlob(JSON.parse(json))).toEqual(asked.success ? asked.data : undefined);
  });
});
