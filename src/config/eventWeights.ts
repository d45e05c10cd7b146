import type { ConfigFile } from './schema.ts';

/** What one event of each configured type counts. */
export const eventWeights = ({ eventTypes }: Pick<ConfigFile, 'eventTypes'>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(eventTypes).map(([type, { weight }]) => [type, weight]));
