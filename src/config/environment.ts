import { createHash } from 'node:crypto';
import { z } from 'zod';
import { UserError } from '../domain/errors.ts';
import { type ApiKey, SCOPES } from './schema.ts';

/** `name:key:scope+scope`; several are separated by commas. */
const apiKeysSchema = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(
    z.array(
      z.string().transform((entry, context): ApiKey => {
        const [name, key, scopes, ...rest] = entry.split(':');
        if (!name || !key || !scopes || rest.length > 0) {
          context.addIssue({ code: 'custom', message: 'expected name:key:scope+scope, several separated by commas' });
          return z.NEVER;
        }
        const parsed = z.array(z.enum(SCOPES)).safeParse(scopes.split('+'));
        if (!parsed.success) {
          context.addIssue({ code: 'custom', message: `the scopes of key "${name}" must be among ${SCOPES.join(', ')}` });
          return z.NEVER;
        }
        return { name, hash: createHash('sha256').update(key).digest('hex'), scopes: parsed.data };
      }),
    ),
  );

const list = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  .pipe(z.array(z.string()).min(1));

const environmentSchema = z.object({
  WINNOW_API_KEYS: apiKeysSchema.optional(),
  WINNOW_CURSOR_SECRET: z.string().min(16, 'expected at least 16 characters').optional(),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'http', 'verbose', 'debug', 'silly']).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'expected redis://host:port or rediss://host:port' }).optional(),
  KAFKA_BROKERS: list.optional(),
  SCHEMA_REGISTRY_URL: z.url({ protocol: /^https?$/, error: 'expected an http or https URL' }).optional(),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'expected a port from 0 to 65535')
    .transform(Number)
    .refine((port) => port <= 65535, 'expected a port from 0 to 65535')
    .optional(),
  HOST: z.string().optional(),
});
export type Environment = z.infer<typeof environmentSchema>;

/** The variables that can be set, for the documentation and its test. */
export const ENVIRONMENT_VARIABLES = Object.keys(environmentSchema.shape);

/**
 * Validates the variables that Winnow reads; an empty one counts as absent. Values never appear in the message: some are
 * secrets.
 * @throws UserError naming each wrong variable
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const present = Object.fromEntries(
    ENVIRONMENT_VARIABLES.flatMap((name) => (env[name] === undefined || env[name] === '' ? [] : [[name, env[name]]])),
  );
  const result = environmentSchema.safeParse(present);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => ({ path: String(issue.path[0] ?? ''), message: issue.message }));
  throw new UserError(`environment: ${issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ')}`, { issues });
}
