import { isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { type FieldIssue, UserError } from '../domain/errors.ts';
import { isRecord } from '../domain/json.ts';
import { describeIssues, type Locate } from './issues.ts';
import { type ConfigFile, configSchema } from './schema.ts';
import type { TunedTraining } from './tuned.ts';

/** Settings that the environment gives in the place of the file's, and those that count where the file is silent. */
export interface Overrides {
  readonly redisUrl?: string;
  readonly kafkaBrokers?: readonly string[];
  readonly schemaRegistryUrl?: string;
  readonly tuned?: TunedTraining;
}

/**
 * Reads the text of a `winnow.yaml`.
 * @param file its name, for messages
 * @throws UserError naming for each finding the line, the field's path and what was expected
 */
export function parseConfig(text: string, file: string, overrides: Overrides = {}): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.2',
    stringKeys: true,
    logLevel: 'error',
  });
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (document.errors.length > 0) {
    throw configError(
      file,
      document.errors.map((error) => ({ path: '', message: `not valid YAML: ${error.message}`, ...position(error.pos[0]) })),
    );
  }
  const locate: Locate = (path, key) => {
    for (let depth = path.length; depth >= 0; depth--) {
      const node: unknown = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
      if (!isNode(node)) continue;
      const target = key !== undefined && depth === path.length ? keyOf(node, key) : (keyNode(path.slice(0, depth)) ?? node);
      const offset = (target ?? node).range?.[0];
      if (offset !== undefined) return position(offset);
    }
    return undefined;
  };
  const keyNode = (path: readonly PropertyKey[]): Node | undefined => {
    const parent: unknown = path.length <= 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    return isNode(parent) ? keyOf(parent, String(path.at(-1))) : undefined;
  };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw configError(file, [{ path: '', message: `not valid YAML: ${error instanceof Error ? error.message : String(error)}` }]);
  }
  const result = configSchema.safeParse(override(value, overrides));
  if (result.success) return result.data;
  throw configError(file, describeIssues(result.error.issues, locate));
}

function keyOf(node: Node, key: string): Node | undefined {
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  return isNode(pair?.key) ? pair.key : undefined;
}

/** Applies only where the file has chosen that kind: the environment says where a server is, not which one is used. */
function override(value: unknown, overrides: Overrides): unknown {
  if (!isRecord(value)) return value;
  const section = (name: string, kind: string, change: Record<string, unknown>) => {
    const current = value[name];
    const wanted = Object.values(change).every((entry) => entry !== undefined);
    return wanted && isRecord(current) && current['kind'] === kind ? { [name]: { ...current, ...change } } : {};
  };
  return {
    ...value,
    ...section('store', 'redis', { url: overrides.redisUrl }),
    ...section('eventLog', 'kafka', { brokers: overrides.kafkaBrokers }),
    ...section('schemaRegistry', 'confluent', { url: overrides.schemaRegistryUrl }),
    ...defaults(value['training'], overrides.tuned),
  };
}

/** What was tuned, under what the file says of training; a section that is no section is left for the schema to refuse. */
function defaults(training: unknown, tuned: TunedTraining | undefined): { training?: unknown } {
  if (tuned === undefined || !(training === undefined || isRecord(training))) return {};
  return { training: { ...tuned, ...training } };
}

function configError(file: string, issues: readonly FieldIssue[]): UserError {
  const parts = issues.map(({ path, message, line }) => {
    const place = line === undefined ? file : `${file}:${line}`;
    return path === '' ? `${place}: ${message}` : `${place}: ${path}: ${message}`;
  });
  return new UserError(parts.join('\n'), { issues });
}
