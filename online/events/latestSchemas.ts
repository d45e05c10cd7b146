import type { Clock } from '../../src/domain/clock.ts';
import type { JsonValue } from '../../src/domain/json.ts';
import type { LogRecord } from '../../src/ports/eventLog.ts';
import type { SchemaRegistry } from '../../src/ports/schemaRegistry.ts';

/**
 * Looks at the registry again before events are called unknown that came after it was last looked at: a producer that went on
 * as soon as its schema was registered is not too early then. A registry that is away leaves what is known.
 */
export function createLatestSchemas(schemas: SchemaRegistry, clock: Clock, onError?: (error: unknown) => void) {
  let lookedAt = Number.NEGATIVE_INFINITY;
  return async (batch: readonly LogRecord[]): Promise<void> => {
    const isNews = ({ value, appendedAt }: LogRecord): boolean => appendedAt >= lookedAt && isUnknown(schemas, value);
    if (!batch.some(isNews)) return;
    lookedAt = clock();
    await schemas.refresh().catch((error: unknown) => onError?.(error));
  };
}

function isUnknown(schemas: SchemaRegistry, value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  const { type, schemaVersion } = value;
  return typeof type === 'string' && typeof schemaVersion === 'number' && schemas.get(type, schemaVersion) === undefined;
}
