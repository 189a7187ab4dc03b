import { describeRegistry } from '../contracts/registry.ts';
import { startRegistry } from '../support/registry/registry.ts';
import { startZot } from '../support/registry/zot.ts';

const USER = { username: 'operator', password: 'correct, horse: "battery"' };
const credential = { type: 'password', ...USER } as const;

describeRegistry('one that anyone may use', () => startRegistry());

describeRegistry('zot', async () => ({
  ...(await startZot()),
  absence: 'MANIFEST_INVALID',
  sharesBlobs: true,
}));

describeRegistry('one with absolute locations', async () => startRegistry({ locations: 'absolute' }));

describeRegistry('one with Basic authentication', async () => ({
  ...(await startRegistry({ auth: { scheme: 'basic', ...USER } })),
  credential,
}));

describeRegistry('one with tokens', async () => ({
  ...(await startRegistry({ auth: { scheme: 'bearer', ...USER } })),
  credential,
}));

describeRegistry('one with tokens from another host, for an identity token', async () => ({
  ...(await startRegistry({
    auth: {
      scheme: 'bearer',
      ...USER,
      ownRealm: true,
      identityToken: 'refresh-me',
      tokenKey: 'access_token',
    },
  })),
  credential: { type: 'identity-token', token: 'refresh-me' },
}));
