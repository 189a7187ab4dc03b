import * as z from 'zod';
import { patternOf, PATHS, text } from '../fields.ts';

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
  username: z
    .string()
    .optional()
    .meta({ description: 'the user', examples: ['me'] }),
  password: z
    .string()
    .optional()
    .meta({
      description: 'of the user; ${VARIABLE} takes it from the environment',
      examples: ['${MIRROR_PASSWORD}'],
    }),
  auth: z
    .string()
    .optional()
    .meta({ description: 'base64 of USER:PASSWORD, in place of both', examples: ['${MIRROR_AUTH}'] }),
  identity_token: z
    .string()
    .optional()
    .meta({ description: 'a token to ask for access with', examples: ['${MIRROR_TOKEN}'] }),
});

const file = text.clone().register(PATHS, { isPath: true });

const tls = z
  .strictObject({
    ca_file: file
      .optional()
      .meta({ description: 'PEM file of the authorities to trust at this host', examples: ['./ca.crt'] }),
    cert_file: file
      .optional()
      .meta({ description: 'PEM file of the certificate to show; with key_file', examples: ['./me.crt'] }),
    key_file: file.optional().meta({ description: 'PEM file of its key', examples: ['./me.key'] }),
    insecure_skip_verify: z
      .boolean()
      .optional()
      .describe('accept any certificate; whatever is fetched is checked by its digest all the same'),
  })
  .superRefine((value, context) => {
    if ((value.cert_file === undefined) === (value.key_file === undefined)) return;
    context.addIssue({ code: 'custom', message: '"cert_file" and "key_file" go together, one is missing' });
  });

const rewrite = z.record(z.string(), z.string()).superRefine((rules, context) => {
  for (const pattern of Object.keys(rules)) {
    if (patternOf(pattern) === undefined)
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
          endpoint: z
            .array(text)
            .optional()
            .meta({
              description: 'asked in this order, before the registry itself',
              examples: [['https://mirror.example']],
            }),
          rewrite: rewrite.optional().meta({
            description: 'regular expressions of repositories, and what takes their place at the endpoints',
            examples: [{ '^library/(.*)': 'mirrored/$1' }],
          }),
        })
        .nullable(),
    )
    .optional()
    .meta({
      description: 'the endpoints to ask in place of a registry, by its host',
      examples: [{ 'docker.io': { endpoint: ['https://mirror.example'] } }],
    }),
  configs: z
    .record(z.string(), z.strictObject({ auth: auth.optional(), tls: tls.optional() }))
    .optional()
    .meta({
      description: 'credentials and certificates, by host',
      examples: [{ 'mirror.example': { auth: { username: 'me', password: '${MIRROR_PASSWORD}' } } }],
    }),
});
