import type { JsonValue } from '../src/domain/json.ts';
import type { ExpressionEnvironment } from '../src/filters/expression.ts';
import type { Governance } from './pipeline/governance.ts';
import { governanceOf } from './pipeline/governance.ts';
import type { ListRequest } from './pipeline/request.ts';
import { type GovernanceSource, parseGovernance } from './rules/governance.ts';
import { moves } from './rules/moves.ts';
import type { Edit, Published, RuleBook, VersionInfo } from './rules/ruleBook.ts';
import type { ListAnswer } from './service.ts';

/** A list to try a change on. */
export interface PreviewRequest {
  readonly userId?: string;
  readonly sessionItems?: readonly string[];
  readonly q?: string;
  readonly similarTo?: string;
  readonly scenario?: string;
  readonly filter?: string;
  readonly context?: Readonly<Record<string, JsonValue>>;
  readonly limit: number;
}

export interface Preview {
  readonly request: PreviewRequest;
  readonly before: ListAnswer['body'];
  readonly after: ListAnswer['body'];
  /** What entered, left, went up or down. */
  readonly moved: ReturnType<typeof moves>;
}

/** Rules and policies, as the routes work with them. */
export interface Governing {
  current(): Published;
  /** Looks whether another process has published. */
  refresh(): Promise<void>;
  /** @throws UserError naming every error of the set, 412 where another edit came first */
  publish(source: GovernanceSource, edit: Edit): Promise<void>;
  versions(): Promise<readonly VersionInfo[]>;
  rollback(version: number | undefined, edit: Edit): Promise<void>;
  /** @throws UserError naming every error of the set */
  preview(source: GovernanceSource, requests: readonly PreviewRequest[]): Promise<Preview[]>;
}

/** Serves a list under other rules and policies than those in force, leaving no trace. */
export type ServeUnder = (request: ListRequest, governance: Governance) => Promise<ListAnswer>;

export function createGoverning(book: RuleBook, environment: ExpressionEnvironment, serve: ServeUnder): Governing {
  return {
    current: () => book.current(),
    refresh: () => book.refresh(),
    publish: async (source, edit) => void (await book.put(source, edit)),
    versions: () => book.versions(),
    rollback: async (version, edit) => void (await book.rollback(version, edit)),
    async preview(source, requests) {
      const inForce = governanceOf(book.current());
      const proposed = governanceOf(parseGovernance(source, environment));
      return Promise.all(
        requests.map(async (request) => {
          const asked = listRequest(request);
          const [before, after] = await Promise.all([serve(asked, inForce), serve(asked, proposed)]);
          const moved = moves(before.items, after.items);
          return { request, before: before.body, after: after.body, moved };
        }),
      );
    },
  };
}

function listRequest({ q, similarTo, sessionItems, context, ...rest }: PreviewRequest): ListRequest {
  const route = q !== undefined ? 'search' : similarTo !== undefined ? 'similar' : 'recommend';
  return {
    ...rest,
    route,
    text: q,
    anchor: similarTo,
    sessionItems: sessionItems ?? [],
    excludeSeen: route === 'recommend',
    context: context ?? {},
    facets: [],
    personalise: true,
    explain: true,
  };
}
