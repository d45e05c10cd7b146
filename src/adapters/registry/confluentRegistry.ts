import { z } from 'zod';
import { UnavailableError, UserError } from '../../domain/errors.ts';
import type { EventSchema, SchemaRegistry } from '../../ports/schemaRegistry.ts';
import { checkNew } from './fileRegistry.ts';

export interface ConfluentRegistryOptions {
  /** Base address; credentials may stand in it: `https://user:password@registry:8081`. */
  readonly url: string;
  /** How often news are looked for, seconds. */
  readonly refreshSeconds: number;
  /** Schemas that are there whatever the registry holds: version 1 of the configured types. */
  readonly builtIn?: readonly EventSchema[];
  readonly onError?: (error: unknown) => void;
}

/** A subject is a type's name; the registry counts its versions. */
const SUFFIX = '-value';
const TIMEOUT = 5000;
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';

const subjectsSchema = z.array(z.string());
const versionsSchema = z.array(z.number().int().positive());
const versionSchema = z.object({
  version: z.number().int().positive(),
  schemaType: z.string().default('AVRO'),
  schema: z.string(),
});
const compatibilitySchema = z.object({ is_compatible: z.boolean(), messages: z.array(z.string()).optional() });
const failureSchema = z.object({ message: z.string() });

/**
 * Event schemas in a Confluent-compatible registry, through its documented REST API: subject `TYPE-value`, schemas of type JSON,
 * the registry's version is the event's `schemaVersion`. All are held in memory; while the registry is away, what was read
 * before stays in force.
 * @throws UnavailableError when it does not answer at the start
 */
export async function openConfluentSchemaRegistry(options: ConfluentRegistryOptions): Promise<SchemaRegistry> {
  const api = new RegistryApi(options.url);
  const builtIn = new Map((options.builtIn ?? []).map((schema) => [schemaKey(schema.type, schema.version), schema]));
  let schemas = await readAll(api, builtIn, new Map());
  const refresh = async (): Promise<void> => {
    schemas = await readAll(api, builtIn, schemas);
  };
  const timer = setInterval(() => {
    refresh().catch((error: unknown) => options.onError?.(error));
  }, options.refreshSeconds * 1000).unref();
  return {
    get: (type, version) => schemas.get(schemaKey(type, version)),
    all: () => [...schemas.values()],
    async register(schema) {
      await refresh();
      checkNew(schema, [...schemas.values()]);
      const given = await api.push(schema);
      if (given !== schema.version) {
        throw new UserError(
          `the registry counts this schema as ${schema.type}@${given}, not @${schema.version}: name the file accordingly`,
          { status: 409 },
        );
      }
      await refresh();
    },
    refresh,
    async close() {
      clearInterval(timer);
    },
  };
}

/** A registered version never changes, so only versions that are new are fetched. */
async function readAll(
  api: RegistryApi,
  builtIn: ReadonlyMap<string, EventSchema>,
  known: ReadonlyMap<string, EventSchema>,
): Promise<Map<string, EventSchema>> {
  const found = new Map(builtIn);
  for (const subject of await api.subjects()) {
    if (!subject.endsWith(SUFFIX)) continue;
    const type = subject.slice(0, -SUFFIX.length);
    for (const version of await api.versions(subject)) {
      const key = schemaKey(type, version);
      const schema = known.get(key) ?? (await api.read(type, version));
      if (schema !== undefined) found.set(key, schema);
    }
  }
  return found;
}

class RegistryApi {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string) {
    const address = new URL(url);
    const credentials = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`;
    this.#headers = {
      Accept: CONTENT_TYPE,
      'Content-Type': CONTENT_TYPE,
      ...(address.username !== '' && { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
    };
    address.username = '';
    address.password = '';
    this.#base = address.href.replace(/\/$/, '');
  }

  subjects = (): Promise<string[]> => this.#ask('GET', '/subjects', subjectsSchema);
  versions = (subject: string): Promise<number[]> =>
    this.#ask('GET', `/subjects/${encodeURIComponent(subject)}/versions`, versionsSchema);

  /** `undefined` for a schema of another kind than JSON. */
  async read(type: string, version: number): Promise<EventSchema | undefined> {
    const answer = await this.#ask('GET', `/subjects/${encodeURIComponent(type + SUFFIX)}/versions/${version}`, versionSchema);
    if (answer.schemaType !== 'JSON') return undefined;
    return { type, version, schema: z.record(z.string(), z.json()).parse(JSON.parse(answer.schema)) };
  }

  /** @returns the version the registry gave it. @throws UserError when the registry finds it incompatible */
  async push({ type, schema }: EventSchema): Promise<number> {
    const subject = encodeURIComponent(type + SUFFIX);
    const body = { schemaType: 'JSON', schema: JSON.stringify(schema) };
    const existing = (await this.subjects()).includes(type + SUFFIX);
    if (existing) {
      const path = `/compatibility/subjects/${subject}/versions/latest?verbose=true`;
      const { is_compatible, messages } = await this.#ask('POST', path, compatibilitySchema, body);
      if (!is_compatible) {
        throw new UserError(`the registry finds ${type} incompatible: ${messages?.join('; ') ?? 'no reason given'}`, {
          status: 409,
        });
      }
    }
    await this.#ask('POST', `/subjects/${subject}/versions`, z.object({ id: z.number() }), body);
    const { version } = await this.#ask('POST', `/subjects/${subject}`, z.object({ version: z.number() }), body);
    return version;
  }

  async #ask<T>(method: 'GET' | 'POST', path: string, schema: z.ZodType<T>, body?: object): Promise<T> {
    let answer: Response;
    let value: unknown;
    try {
      answer = await fetch(this.#base + path, {
        method,
        headers: this.#headers,
        signal: AbortSignal.timeout(TIMEOUT),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      value = await answer.json();
    } catch (error) {
      throw new UnavailableError(`the schema registry at ${this.#base} did not answer: ${String(error)}`, { cause: error });
    }
    if (answer.status >= 500) throw new UnavailableError(`the schema registry at ${this.#base} answered ${answer.status}`);
    if (!answer.ok) {
      const failure = failureSchema.safeParse(value);
      const why = failure.success ? failure.data.message : 'no reason given';
      throw new UserError(`the schema registry refused ${method} ${path} with ${answer.status}: ${why}`);
    }
    const parsed = schema.safeParse(value);
    if (!parsed.success)
      throw new UnavailableError(`the schema registry's answer to ${method} ${path} has another form than documented`);
    return parsed.data;
  }
}

const schemaKey = (type: string, version: number): string => `${type}@${version}`;
