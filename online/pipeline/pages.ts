import { createHash } from 'node:crypto';
import { z } from 'zod';
import { UserError } from '../../src/domain/errors.ts';
import type { ItemId } from '../../src/domain/item.ts';
import type { OverlaidCandidate } from '../../src/domain/pipeline.ts';
import type { Cursors } from './cursor.ts';
import type { ListRequest } from './request.ts';

/** Deeper than this a list does not go: each item shown is in the cursor. */
const DEEPEST = 1000;

/** Where in its list a request is. */
export interface Page {
  /** Which list it is a page of. */
  readonly of: string;
  /** Items of the pages before, in their order. */
  readonly shown: readonly ItemId[];
}

/**
 * Paging: a cursor carries what the pages before have shown, so the next one never repeats an item and skips none, whatever
 * happened to the ranking in between. It belongs to one request: with other parameters it is refused.
 */
export interface Pages {
  /** @throws UserError for a cursor that is tampered with, expired, or of another request */
  open(request: ListRequest): Page;
  /** Cursor of the page after this one; null where this is the last. */
  next(request: ListRequest, page: Page, items: readonly OverlaidCandidate[], listed: number): string | null;
}

const stateSchema = z.object({ request: z.string(), shown: z.array(z.string()) });

export function createPages(cursors: Cursors): Pages {
  return {
    open(request) {
      const of = fingerprint(request);
      if (request.cursor === undefined) return { of, shown: [] };
      const state = stateSchema.parse(cursors.open(request.cursor));
      if (state.request !== of) {
        const issue = { path: 'cursor', message: 'belongs to a request with other parameters' };
        throw new UserError(`cursor: ${issue.message}`, { issues: [issue] });
      }
      return { of, shown: state.shown };
    },
    next(request, page, items, listed) {
      const shown = [...page.shown, ...items.map(({ id }) => id)];
      if (items.length < request.limit || listed <= items.length || shown.length >= DEEPEST) return null;
      return cursors.seal({ request: page.of, shown });
    },
  };
}

/** Of everything that decides which list it is; the page's size, and whether it is explained, may change on the way. */
function fingerprint({ limit: _limit, explain: _explain, cursor: _cursor, probe: _probe, ...rest }: ListRequest): string {
  const sorted = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url').slice(0, 16);
}
