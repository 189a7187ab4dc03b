import { describe, expect, it } from 'vitest';
import { pushSettings } from '../../../src/registry/settings/push-settings.ts';

describe('pushSettings', () => {
  it('keeps of the mirrors only the registry itself, which says how it is spoken to', () => {
    const settings = pushSettings({
      mirrors: {
        'harbor.example': { endpoint: ['https://cache.example', 'http://harbor.example/v2'] },
        '*': null,
      },
      configs: { 'harbor.example': { tls: { insecure_skip_verify: true } } },
    });
    expect(settings).toEqual({
      mirrors: { 'harbor.example': { endpoint: ['http://harbor.example/v2'] }, '*': { endpoint: [] } },
      configs: { 'harbor.example': { tls: { insecure_skip_verify: true } } },
    });
  });

  it('has nothing to say where there are no settings', () => {
    expect(pushSettings(undefined)).toBeUndefined();
  });
});
