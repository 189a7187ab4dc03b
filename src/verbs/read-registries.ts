/** A registries file on its own, for a verb that reads no spec: `install` takes its credentials and certificates from it. */
export { readRegistries } from '../spec/registries/read.ts';
