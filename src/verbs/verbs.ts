/**
 * Every verb of the product, and the file it is in. Commands load the verbs from here, and `index.ts` is generated from it:
 * "npm run generate".
 */
export const VERBS = {
  init: (): Promise<typeof import('./init.ts')> => import('./init.ts'),
  build: (): Promise<typeof import('./build.ts')> => import('./build.ts'),
  lock: (): Promise<typeof import('./lock.ts')> => import('./lock.ts'),
  convert: (): Promise<typeof import('./convert.ts')> => import('./convert.ts'),
  kit: (): Promise<typeof import('./kit.ts')> => import('./kit.ts'),
  inspect: (): Promise<typeof import('./inspect.ts')> => import('./inspect.ts'),
  diff: (): Promise<typeof import('./diff.ts')> => import('./diff.ts'),
  check: (): Promise<typeof import('./check.ts')> => import('./check.ts'),
  verify: (): Promise<typeof import('./verify.ts')> => import('./verify.ts'),
  parity: (): Promise<typeof import('./parity.ts')> => import('./parity.ts'),
  repair: (): Promise<typeof import('./repair.ts')> => import('./repair.ts'),
  push: (): Promise<typeof import('./carrier/push.ts')> => import('./carrier/push.ts'),
  pull: (): Promise<typeof import('./carrier/pull.ts')> => import('./carrier/pull.ts'),
  install: (): Promise<typeof import('./install.ts')> => import('./install.ts'),
  receipts: (): Promise<typeof import('./receipts.ts')> => import('./receipts.ts'),
  uninstall: (): Promise<typeof import('./uninstall.ts')> => import('./uninstall.ts'),
  prune: (): Promise<typeof import('./prune.ts')> => import('./prune.ts'),
  serve: (): Promise<typeof import('./serve.ts')> => import('./serve.ts'),
  config: (): Promise<typeof import('./config.ts')> => import('./config.ts'),
  checkRegistries: (): Promise<typeof import('./check-registries.ts')> => import('./check-registries.ts'),
  keygen: (): Promise<typeof import('./signing/keygen.ts')> => import('./signing/keygen.ts'),
  sign: (): Promise<typeof import('./signing/sign.ts')> => import('./signing/sign.ts'),
};

export type Verbs = typeof VERBS;
