import type { Config } from '../src/config/schema.ts';
import type { ItemId } from '../src/domain/item.ts';
import type { JsonValue } from '../src/domain/json.ts';
import type { SlateItem } from '../src/domain/pipeline.ts';
import type { Metrics } from '../src/metrics/metrics.ts';
import type { Suggestion } from '../src/ports/textIndex.ts';
import type { Verdict } from './events/collector.ts';
import type { DivertedRecord } from './events/diverted.ts';
import type { ReplayReport } from './events/replay.ts';
import type { PipelineStatus } from './events/status.ts';
import type { Explained } from './explain.ts';
import type { Governing } from './governing.ts';
import type { ItemActivity } from './itemActivity.ts';
import type { Items } from './items.ts';
import type { ListRequest } from './pipeline/request.ts';
import type { SearchReport } from './search/analytics.ts';
import type { CurrentArtifact } from './serving/currentArtifact.ts';
import type { Users } from './users.ts';

/** A list as it is answered. */
export interface ListAnswer {
  readonly body: Readonly<Record<string, unknown>>;
  readonly serverTiming: string;
  /** The list's items, in order. */
  readonly items: readonly SlateItem[];
}

export interface Readiness {
  readonly ready: boolean;
  /** `ok`, or what is wrong, for each part. Lists are served without store or log, and say so. */
  readonly checks: Readonly<Record<string, string>>;
}

/** The running service, as the HTTP routes see it. */
export interface Service {
  readonly config: Config;
  readonly metrics: Metrics;
  readonly current: CurrentArtifact;
  readonly items: Items;
  readonly users: Users;
  readonly governing: Governing;
  /** @throws UserError naming what is wrong with the request */
  list(request: ListRequest, options: { readonly record: boolean }): Promise<ListAnswer>;
  /** Where an item stands in the list of a request, or what removed it. */
  explain(request: ListRequest & { readonly probe: string }): Promise<Explained>;
  suggest(typed: string, limit: number): Promise<readonly Suggestion[]>;
  /** @throws UnavailableError where the log did not take them; then none is accepted */
  accept(events: readonly JsonValue[]): Promise<readonly Verdict[]>;
  /** @throws UnavailableError */
  pipelineStatus(): Promise<PipelineStatus>;
  diverted(topic: 'invalid' | 'dead-letter', limit: number): Promise<readonly DivertedRecord[]>;
  /** @throws UserError for a filter that is no CEL */
  replay(topic: 'invalid' | 'dead-letter', options: { readonly filter?: string; readonly limit?: number }): Promise<ReplayReport>;
  /** @throws UnavailableError */
  itemActivity(id: ItemId): Promise<ItemActivity>;
  searchReport(limit: number): SearchReport;
  readiness(): Promise<Readiness>;
  metricsText(): Promise<string>;
}
