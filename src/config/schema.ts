import { z } from 'zod';

/** Field names can be used in expressions as they are, so they are identifiers; `id` is the item's own. */
const fieldName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a field name is letters, digits and underscores, and does not start with a digit')
  .refine((name) => name !== 'id', 'the name "id" is taken by the item id itself');

const fieldBase = {
  /** Column of the source, where it is called otherwise than the field. */
  column: z.string().min(1).optional(),
  /** Counted by value in a search's answer. */
  facet: z.boolean().default(false),
};

export const fieldDefinitionSchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...fieldBase,
    type: z.literal('text'),
    searchBoost: z.number().nonnegative().default(1),
    language: z.string().optional(),
  }),
  z.strictObject({ ...fieldBase, type: z.literal('category'), searchBoost: z.number().nonnegative().default(0.5) }),
  z.strictObject({
    ...fieldBase,
    type: z.literal('categories'),
    separator: z.string().min(1).default('|'),
    searchBoost: z.number().nonnegative().default(0.5),
  }),
  z.strictObject({ ...fieldBase, type: z.literal('number') }),
  z.strictObject({ ...fieldBase, type: z.literal('boolean') }),
  /** ISO 8601, or milliseconds since the epoch. */
  z.strictObject({ ...fieldBase, type: z.literal('date') }),
]);
export type FieldDefinition = z.infer<typeof fieldDefinitionSchema>;
export type FieldDefinitions = Readonly<Record<string, FieldDefinition>>;

const fieldsSchema = z.record(fieldName, fieldDefinitionSchema);

const column = z.string().min(1);
const source = z.string().min(1);

const timeColumnSchema = z.union([
  column.transform((name) => ({ column: name, unit: 'auto' as const })),
  z.strictObject({ column, unit: z.enum(['s', 'ms', 'iso']).default('ms') }),
]);

const eventsSourceSchema = z
  .strictObject({
    source,
    user: column.optional(),
    item: column,
    time: timeColumnSchema,
    type: column.optional(),
    value: column.optional(),
    session: column.optional(),
    request: column.optional(),
    position: column.optional(),
  })
  .refine(({ user, session }) => user !== undefined || session !== undefined, {
    path: ['user'],
    message: 'is missing, expected a column of users, or `session` with one of sessions',
  });

const datasetSchema = z.strictObject({
  items: z.strictObject({ source, id: column }),
  users: z.strictObject({ source, id: column }).optional(),
  events: eventsSourceSchema.optional(),
  judgments: z.strictObject({ source, query: column, item: column, grade: column }).optional(),
  /** The share of a source's rows that may be bad before the build stops. */
  maxRejects: z.number().min(0).max(1).default(0.05),
});

const eventTypesSchema = z
  .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]*$/), z.strictObject({ weight: z.number().default(1) }))
  .refine((types) => Object.keys(types).length > 0, 'at least one event type is needed')
  .refine((types) => !('impression' in types), '"impression" is built in and carries no weight');

const storeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('lmdb') }),
  z.strictObject({
    kind: z.literal('redis'),
    /** `redis://host:port/db`; credentials come from REDIS_URL. */
    url: z.string().default('redis://127.0.0.1:6379'),
    /** Nodes of a cluster, host:port each; replaces url. */
    cluster: z.array(z.string()).optional(),
    prefix: z.string().default('winnow'),
  }),
]);

const eventLogSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('lmdb') }),
  z.strictObject({
    kind: z.literal('kafka'),
    brokers: z.array(z.string()).min(1),
    topicPrefix: z.string().default('winnow.'),
    partitions: z.number().int().positive().default(6),
    replicationFactor: z.number().int().positive().default(3),
    minInsyncReplicas: z.number().int().positive().default(2),
    /** Within so many days Kafka's compaction takes out what was erased. */
    erasureDays: z.number().positive().default(7),
  }),
]);

const schemaRegistrySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('files'), folder: z.string().optional() }),
  z.strictObject({ kind: z.literal('confluent'), url: z.url(), refreshSeconds: z.number().positive().default(5) }),
]);

const trainingSchema = z.strictObject({
  seed: z.number().int().default(42),
  /** Length of the vectors of items and histories; chosen from the density of the data when absent. */
  dimensions: z.number().int().min(4).max(512).optional(),
  /** How much of a history the query vector reads. */
  historyLength: z.number().int().min(1).max(200).default(32),
  /** Passes over the data; chosen from its size and density when absent. */
  epochs: z.number().int().min(1).optional(),
  dropout: z.number().min(0).max(0.9).optional(),
  /** What a log without impressions is validated on: each person's last item, or the last tenth of the log. */
  split: z.enum(['last', 'time']).default('last'),
  /** Text encoder: `use-lite` (bundled), `none`, or `onnx:FOLDER` for a sentence-transformers model. */
  textEncoder: z.string().default('use-lite'),
});

const servingSchema = z.strictObject({
  /** Candidates that stage two scores; grows with `limit`. */
  candidates: z.number().int().min(10).max(5000).default(200),
  /** Milliseconds a stage may take before the answer goes on without it. */
  deadlines: z
    .strictObject({
      store: z.number().positive().default(100),
      retrieve: z.number().positive().default(300),
      textEncoder: z.number().positive().default(500),
      rank: z.number().positive().default(200),
    })
    .prefault({}),
  exploration: z.strictObject({ newItems: z.number().min(0).max(1).default(0) }).prefault({}),
  maxBodyBytes: z.number().int().positive().default(1_048_576),
  rateLimitPerMinute: z.number().int().positive().default(6000),
});

const loopSchema = z.strictObject({
  /** How long after a list was shown an action without its request id still joins it. */
  attributionWindowMinutes: z
    .number()
    .positive()
    .default(60 * 24),
  /** How late, against the newest event, a live event may be before it is refused as invalid. */
  latenessMinutes: z
    .number()
    .positive()
    .default(60 * 24 * 7),
  /** For how long an event's id is remembered to tell a repeat. */
  deduplicationMinutes: z
    .number()
    .positive()
    .default(60 * 24),
  /** Length of the history kept of an actor. */
  historyLength: z.number().int().min(10).max(100_000).default(1000),
  /** A service of one's own that the enricher asks about each batch of actions. */
  enrichmentUrl: z.url().optional(),
  /** After how many days events leave the log: one bound for all topics of events, or one for each that is named. */
  retentionDays: z
    .union([
      z.number().positive(),
      z.strictObject({
        'raw-events': z.number().positive().optional(),
        'enriched-events': z.number().positive().optional(),
        'invalid-events': z.number().positive().optional(),
        'dead-letter-events': z.number().positive().optional(),
      }),
    ])
    .optional(),
});

const synonymSchema = z.union([
  /** All mean the same. */
  z.strictObject({ words: z.array(z.string().min(1)).min(2) }),
  /** Who searches `from` also finds `to`, not the other way round. */
  z.strictObject({ from: z.string().min(1), to: z.array(z.string().min(1)).min(1) }),
]);

const searchSchema = z.strictObject({
  /** Language of texts whose field names none; detected from the catalogue when absent. */
  language: z.string().optional(),
  synonyms: z.array(synonymSchema).default([]),
});

/** What the playground says about the catalogue it shows. */
const aboutSchema = z.strictObject({
  title: z.string().min(1).default('Winnow'),
  /** A sentence that stands on every page, such as that the people of a demo are simulated. */
  notice: z.string().optional(),
  /** The field that names an item; the first text field when absent. */
  itemTitle: z.string().optional(),
});

/** `winnow.yaml`. Everything but `dataset.items` and `fields` has a default. */
export const configSchema = z
  .strictObject({
    dataset: datasetSchema,
    fields: fieldsSchema,
    userFields: fieldsSchema.prefault({}),
    eventTypes: eventTypesSchema.default({ click: { weight: 1 } }),
    policies: z.string().optional(),
    rules: z.string().optional(),
    store: storeSchema.default({ kind: 'lmdb' }),
    eventLog: eventLogSchema.default({ kind: 'lmdb' }),
    schemaRegistry: schemaRegistrySchema.default({ kind: 'files' }),
    training: trainingSchema.prefault({}),
    serving: servingSchema.prefault({}),
    loop: loopSchema.prefault({}),
    search: searchSchema.prefault({}),
    about: aboutSchema.prefault({}),
  })
  .refine((config) => Object.keys(config.fields).length > 0, { path: ['fields'], message: 'at least one field is needed' });

export type ConfigFile = z.infer<typeof configSchema>;
export type EventsSource = z.infer<typeof eventsSourceSchema>;
export type TrainingConfig = ConfigFile['training'];
export type LoopConfig = ConfigFile['loop'];
export type SearchConfig = ConfigFile['search'];

/** An API key as the environment gives it: WINNOW_API_KEYS="name:key:scope+scope,…". */
export interface ApiKey {
  readonly name: string;
  /** SHA-256 of the key, so that the key itself is nowhere in memory or logs. */
  readonly hash: string;
  readonly scopes: readonly Scope[];
}
export const SCOPES = ['read', 'write', 'rules', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** The whole configuration: the file, then the environment's part, then where things are. */
export interface Config extends ConfigFile {
  /** Folder of the configuration file: its relative paths start there. */
  readonly root: string;
  readonly workspace: string;
  readonly apiKeys: readonly ApiKey[];
  readonly logLevel: string;
  /** Secret for signing cursors; random per workspace when the environment gives none. */
  readonly cursorSecret: string;
  /** PORT and HOST, where the environment gives them. */
  readonly port?: number;
  readonly host?: string;
}
