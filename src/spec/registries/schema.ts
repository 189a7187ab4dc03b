import * as z from 'zod';
import { text } from '../fields.ts';

/** The content of a `registries.yaml`. */
export interface Registries {
  readonly mirrors?: Readonly<Record<string, RegistryMirror | null>> | undefined;
  readonly configs?: Readonly<Record<string, RegistryConfig>> | undefined;
}

/** The endpoints that serve a registry, in order; its own host comes last. */
interface RegistryMirror {
  readonly endpoint?: readonly string[] | undefined;
  /** Regular expression → replacement, on the repository name, for mirrors only. */
  readonly rewrite?: Readonly<Record<string, string>> | undefined;
}

/** How to reach one registry host. */
export interface RegistryConfig {
  readonly auth?:
    | {
        readonly username?: string | undefined;
        readonly password?: string | undefined;
        /** base64 of `username:password` */
        readonly auth?: string | undefined;
        readonly identity_token?: string | undefined;
      }
    | undefined;
  readonly tls?:
    | {
        readonly ca_file?: string | undefined;
        readonly cert_file?: string | undefined;
        readonly key_file?: string | undefined;
        readonly insecure_skip_verify?: boolean | undefined;
      }
    | undefined;
}

const auth = z.strictObject({
  username: z.string().optional(),
  password: z.string().optional(),
  auth: z.string().optional(),
  identity_token: z.string().optional(),
});

const tls = z
  .strictObject({
    ca_file: text.optional(),
    cert_file: text.optional(),
    key_file: text.optional(),
    insecure_skip_verify: z.boolean().optional(),
  })
  .superRefine((value, context) => {
    if ((value.cert_file === undefined) === (value.key_file === undefined)) return;
    context.addIssue({ code: 'custom', message: '"cert_file" and "key_file" go together, one is missing' });
  });

const rewrite = z.record(z.string(), z.string()).superRefine((rules, context) => {
  for (const pattern of Object.keys(rules)) {
    if (!isPattern(pattern))
      context.addIssue({ code: 'custom', path: [pattern], message: 'it is not a regular expression' });
  }
});

/** K3s `registries.yaml` (rancher/wharfie, `pkg/registries/types.go`), which allows an empty mirror entry. */
export const registriesSchema: z.ZodType<Registries> = z.strictObject({
  mirrors: z
    .record(
      z.string(),
      z
        .strictObject({
          endpoint: z.array(text).optional(),
          rewrite: rewrite.optional(),
        })
        .nullable(),
    )
    .optional()
    .describe('the endpoints to ask in place of a registry, by its host'),
  configs: z
    .record(z.string(), z.strictObject({ auth: auth.optional(), tls: tls.optional() }))
    .optional()
    .describe('credentials and certificates, by host'),
});

function isPattern(text: string): boolean {
  try {
    // Go, which reads the same file, writes a named group as `(?P<name>…)`.
    return new RegExp(text.replaceAll('(?P<', '(?<')) instanceof RegExp;
  } catch {
    // The SyntaxError itself is the answer.
    return false;
  }
}
