import { describe, expect, it } from 'vitest';
import { parseEcrHost } from '../../../src/registry/ecr/host.ts';

describe('parseEcrHost', () => {
  it.each([
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'https://api.ecr.eu-west-1.amazonaws.com'],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com:443', 'https://api.ecr.eu-west-1.amazonaws.com'],
    ['123456789012.DKR.ECR.eu-west-1.amazonaws.com', 'https://api.ecr.eu-west-1.amazonaws.com'],
    ['123456789012.dkr.ecr.us-gov-west-1.amazonaws.com', 'https://api.ecr.us-gov-west-1.amazonaws.com'],
    ['123456789012.dkr.ecr-fips.us-east-2.amazonaws.com', 'https://ecr-fips.us-east-2.amazonaws.com'],
    ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', 'https://api.ecr.cn-north-1.amazonaws.com.cn'],
    ['123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu', 'https://api.ecr.eusc-de-east-1.amazonaws.eu'],
    ['123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov', 'https://api.ecr.us-iso-east-1.c2s.ic.gov'],
    ['123456789012.dkr-ecr.us-east-2.on.aws', 'https://ecr.us-east-2.api.aws'],
    ['123456789012.dkr-ecr-fips.us-east-2.on.aws', 'https://ecr-fips.us-east-2.api.aws'],
  ])('of %s finds the API at %s', (host, endpoint) => {
    const found = parseEcrHost(host);
    expect(found).toMatchObject({ account: '123456789012', endpoint });
    expect(host).toContain(found?.region);
  });

  it.each([
    'public.ecr.aws',
    'docker.io',
    '127.0.0.1:5000',
    '1234.dkr.ecr.eu-west-1.amazonaws.com',
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example',
    '123456789012.dkr.ecr.eu-west-1.evil.example',
    'evil.example/123456789012.dkr.ecr.eu-west-1.amazonaws.com',
    'x.123456789012.dkr.ecr.eu-west-1.amazonaws.com',
    '123456789012.dkr.ecr.eu-west-1.x.amazonaws.com',
    '123456789012.dkr.ecr.evil.example.amazonaws.com',
    '123456789012.dkr.ecr.eu-west-1.on.aws',
    '123456789012.dkr-ecr.eu-west-1.amazonaws.com',
  ])('knows nothing of %s', (host) => {
    expect(parseEcrHost(host)).toBeUndefined();
  });

  it.each([
    [{ AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' }, 'http://127.0.0.1:4566'],
    [{ AWS_ENDPOINT_URL: 'http://a.lab', AWS_ENDPOINT_URL_ECR: 'http://b.lab' }, 'http://b.lab'],
    [{ AWS_ENDPOINT_URL: '' }, 'https://api.ecr.eu-west-1.amazonaws.com'],
    [
      { AWS_ENDPOINT_URL: 'http://a.lab', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
      'https://api.ecr.eu-west-1.amazonaws.com',
    ],
  ])('goes where the user says: %j', (env, endpoint) => {
    expect(parseEcrHost('123456789012.dkr.ecr.eu-west-1.amazonaws.com', env)).toMatchObject({ endpoint });
  });

  it('takes a registry of an emulator when its API is named', () => {
    const host = '000000000000.dkr.ecr.us-east-1.localhost.localstack.cloud:4566';
    const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' };
    expect(parseEcrHost(host)).toBeUndefined();
    expect(parseEcrHost(host, env)).toMatchObject({ account: '000000000000', region: 'us-east-1' });
  });
});
