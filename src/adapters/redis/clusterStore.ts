import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { UserError } from '../../domain/errors.ts';
import type { EntityKey, EntityState } from '../../domain/state.ts';
import type { FeatureStore, StoreCommit } from '../../ports/featureStore.ts';
import { canonicalJson } from './canonicalJson.ts';
import { ask, connectCluster } from './connect.ts';
import { RedisKeys } from './keys.ts';
import { redisMetadata } from './metadata.ts';
import { APPLY, BEGIN, FINISH } from './scripts.ts';
import { parseState, scanKeys } from './states.ts';

/** Characters of one part of a journal, about. */
const PART_CHARACTERS = 250_000;
/** A journal nobody has taken up by then was never begun, seconds: 30 days. */
const JOURNAL_SECONDS = 30 * 24 * 3600;
/** For how long a deleted entity remembers by which commit, seconds: longer than anybody who was slow goes on applying. */
const DELETED_SECONDS = 24 * 3600;
/** Entities applied at a time. */
const APPLY_AT_ONCE = 500;

/** An entity's stored key, and its state as JSON; '' where it is deleted. */
type Effect = readonly [key: string, state: string];

const partSchema = z.array(z.tuple([z.string(), z.string()]));

/**
 * A store on Redis Cluster, every entity in a slot of its own. No script can change several slots, so a commit first writes its
 * effects down as a journal, spread like the entities; one script in the metadata's slot then makes it true together with the
 * watermark; and then each entity takes its part by a script of its own, which passes over what a later commit wrote. Whoever
 * asks for the sequence, or commits, first sees to the effects of a commit whose writer died in between.
 */
export function openClusterFeatureStore(nodes: readonly string[], prefix: string, url: string | undefined): FeatureStore {
  const redis = connectCluster(nodes, url);
  const keys = new RedisKeys(prefix, 'spread');

  const apply = async (effects: readonly Effect[], number: string): Promise<void> => {
    for (let start = 0; start < effects.length; start += APPLY_AT_ONCE) {
      const some = effects.slice(start, start + APPLY_AT_ONCE);
      await Promise.all(some.map(([key, state]) => ask(redis.eval(APPLY, 1, key, number, state, DELETED_SECONDS))));
    }
  };

  const finish = async (pending: string, journal: readonly string[]): Promise<void> => {
    await ask(redis.eval(FINISH, 1, keys.pending(), pending));
    await Promise.all(journal.map((part) => ask(redis.unlink(part))));
  };

  /** Sees to the effects of a commit that was made and whose writer may be gone. */
  const takeUp = async (pending: string): Promise<void> => {
    const [number = '', id = '', parts = ''] = pending.split(' ');
    const journal = Array.from({ length: Number(parts) }, (_, part) => keys.journal(id, part));
    const texts = await Promise.all(journal.map((part) => ask(redis.get(part))));
    for (const text of texts) {
      if (text === null) {
        // Its writer, or somebody else, was faster.
        if ((await ask(redis.get(keys.pending()))) !== pending) return;
        throw new UserError('Redis has lost a part of the last commit: empty the store, so that it is filled anew from the log', {
          status: 500,
        });
      }
      await apply(partSchema.parse(JSON.parse(text)), number);
    }
    await finish(pending, journal);
  };

  const store: FeatureStore = {
    ...redisMetadata(redis, keys),

    async getMany(wanted) {
      const texts = await Promise.all(wanted.map((key) => ask(redis.get(keys.entity(key)))));
      return texts.map((text, i) => stateOf(text, wanted[i]!));
    },

    async commit(commit) {
      const effects = effectsOf(commit, keys);
      const id = randomUUID();
      const parts = partsOf(effects).map((part, i) => [keys.journal(id, i), JSON.stringify(part)] as const);
      const journal = parts.map(([key]) => key);
      await Promise.all(parts.map(([key, text]) => ask(redis.set(key, text, 'EX', JOURNAL_SECONDS))));
      const name = parts.length === 0 ? '' : `${id} ${parts.length}`;
      const meta = Object.entries(commit.meta ?? {});
      const touched = [
        keys.sequence(),
        keys.watermark(commit.consumer, commit.partition),
        keys.pending(),
        ...meta.map(([key]) => keys.meta(key)),
      ];
      const args = [commit.nextOffset, commit.expected ?? '', name, ...meta.map(([, value]) => canonicalJson(value))];
      for (;;) {
        const number = Number(await ask(redis.eval(BEGIN, touched.length, ...touched, ...args)));
        if (number > 0) {
          await apply(effects, String(number));
          await finish(`${number} ${name}`, journal);
          return true;
        }
        if (number === 0) {
          await Promise.all(journal.map((part) => ask(redis.unlink(part))));
          return false;
        }
        const pending = await ask(redis.get(keys.pending()));
        if (pending !== null) await takeUp(pending);
      }
    },

    async sequence() {
      for (;;) {
        const [sequence, pending] = await ask(redis.mget(keys.sequence(), keys.pending()));
        if (pending === null || pending === undefined) return Number(sequence ?? 0);
        await takeUp(pending);
      }
    },

    async *scan(kind) {
      for (const node of redis.nodes('master')) {
        for await (const found of scanKeys(node, keys, kind)) {
          const states = await store.getMany(found);
          for (const [i, key] of found.entries()) {
            const state = states[i];
            if (state !== undefined) yield [key, state] as const;
          }
        }
      }
    },
  };
  return store;
}

/** What is stored is the number of the commit that wrote it and, unless that deleted the entity, a space and its state. */
function stateOf(text: string | null, key: EntityKey): EntityState | undefined {
  const end = text?.indexOf(' ') ?? -1;
  return text === null || end < 0 ? undefined : parseState(text.slice(end + 1), key);
}

const effectsOf = ({ puts, deletes = [] }: StoreCommit, keys: RedisKeys): Effect[] => [
  ...[...puts].map(([key, state]): Effect => [keys.entity(key), JSON.stringify(state)]),
  ...deletes.map((key): Effect => [keys.entity(key), '']),
];

function partsOf(effects: readonly Effect[]): Effect[][] {
  const parts: Effect[][] = [];
  let characters = Number.POSITIVE_INFINITY;
  for (const effect of effects) {
    if (characters > PART_CHARACTERS) {
      parts.push([]);
      characters = 0;
    }
    parts.at(-1)!.push(effect);
    characters += effect[0].length + effect[1].length;
  }
  return parts;
}
