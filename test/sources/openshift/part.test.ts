import { describe, expect, it } from 'vitest';
import { RELEASES, startOpenshiftSite } from '../../support/sites/openshift-site.ts';
import { problemsOf } from '../../support/thrown.ts';

const REFERENCE = `${RELEASES}:4.20.3-x86_64`;
const part = (rest: string): string => `openshift: { ${rest}, keys: [keys.asc] }\n`;

describe('the part of the spec', () => {
  it.each([
    ['releases: []', 'it has neither releases nor channels'],
    ['releases: [4.20.3], architecture: x86_64', 'architecture'],
    ['releases: [4.20.3], repository: "a:b"', 'its tag must have "${component}" once'],
    ['releases: [4.20.3], repository: "a/${component}"', 'it is not a repository'],
    ['releases: [4.20.3], keys: [none.asc]', 'none.asc'],
    ['channels: [{ name: stable }]', 'a channel such as stable-4.20'],
    ['releases: [4.20.3], tools: [windows]', 'OS/ARCHITECTURE'],
    ['releases: [4.20.3], toolz: []', 'toolz'],
  ])('that is wrong is told: %s', async (text, message) => {
    const site = await startOpenshiftSite();
    const errors = await problemsOf(site.build(`openshift: { ${text} }\n`));
    expect(errors.join('\n')).toContain(message);
  });

  it('has tools that the release must have', async () => {
    const site = await startOpenshiftSite();
    await site.release({ version: '4.20.3' });
    expect(
      await problemsOf(site.build(part(`releases: ["${REFERENCE}"], tools: [linux/amd64, darwin/arm64]`))),
    ).toEqual([
      'ERR_PLATFORM_NOT_FOUND Cannot find the tools of OpenShift 4.20.3 for darwin/arm64: the release has none',
    ]);
    expect(await site.build(part(`releases: ["${REFERENCE}"], tools: [linux/amd64]`))).toMatchObject({
      items: 5,
    });
  });
});
