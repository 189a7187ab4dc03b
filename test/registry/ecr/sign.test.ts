import { expect, it } from 'vitest';
import { signedHeaders } from '../../../src/registry/ecr/sign.ts';
import { claimOf, signatureOf, toBeSigned } from '../../support/http/aws-signature.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

it('the signature that the tests work out is the one that AWS publishes for its example', () => {
  const request = {
    method: 'GET',
    path: '/?Action=ListUsers&Version=2010-05-08',
    headers: {
      host: 'iam.amazonaws.com',
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'x-amz-date': '20150830T123600Z',
    },
    body: new Uint8Array(),
  };
  const signed = ['content-type', 'host', 'x-amz-date'];
  const claim = { accessKeyId: 'AKIDEXAMPLE', date: '20150830', region: 'us-east-1', service: 'iam', signed };
  expect(signatureOf(request, claim, SECRET)).toBe(
    '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  );
});

it.each([
  ['https://api.ecr.eu-west-1.amazonaws.com', 'api.ecr.eu-west-1.amazonaws.com', '/', undefined],
  ['http://127.0.0.1:4566/', '127.0.0.1:4566', '/', 'session+token/=='],
  ['http://127.0.0.1:4566/ecr', '127.0.0.1:4566', '/ecr', 'session'],
])('a request to %s is signed, and so is all that matters of it', async (url, host, path, sessionToken) => {
  const body = new TextEncoder().encode('{"repositoryName":"lab/app"}');
  const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET, sessionToken, source: 'a test' };
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'X.CreateRepository' };
  const now = new Date('2026-11-28T03:04:05.678Z');
  const signed = await signedHeaders({ url, region: 'eu-west-1', service: 'ecr', headers, body, now }, keys);
  const request = { method: 'POST', path, headers: { host, ...signed }, body };
  const claim = claimOf(request);
  expect(signed).toMatchObject({ ...headers, 'x-amz-date': '20261128T030405Z' });
  expect(signed['x-amz-security-token']).toBe(sessionToken);
  expect(claim).toMatchObject({ date: '20261128', region: 'eu-west-1', service: 'ecr' });
  expect(claim?.signed).toEqual(toBeSigned(request));
  expect(claim === undefined ? '' : signatureOf(request, claim, SECRET)).toBe(claim?.signature);
  expect(JSON.stringify(signed)).not.toContain(SECRET);
});
