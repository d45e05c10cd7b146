import type { Progress } from '../../src/cli/progress.ts';
import { eventWeights } from '../../src/config/eventWeights.ts';
import type { ConfigFile } from '../../src/config/schema.ts';
import type { Item } from '../../src/domain/item.ts';
import type { EmbedderTrainer, TrainingPart } from '../../src/ports/training.ts';
import { chooseEmbedderSettings } from '../../src/retrieval/chooseSettings.ts';
import { encodeCatalogue } from '../../src/retrieval/contentEncoder.ts';
import type { CoVisitationSettings } from '../../src/retrieval/coVisitation.ts';
import { createRetrievalModels, type RetrievalData } from '../../src/retrieval/createModels.ts';
import type { EmbedderSettings, EmbedderWeights } from '../../src/retrieval/embedderWeights.ts';
import { type CatalogueData, fitCounts } from '../../src/retrieval/fitCounts.ts';
import { type HeldOutEntries, holdOutLast } from '../../src/retrieval/heldOut.ts';
import { type Interactions, toSequences } from '../../src/retrieval/interactions.ts';
import type { RetrievalModels } from '../../src/retrieval/models.ts';
import { historyQuotas } from '../../src/retrieval/quotas.ts';
import { saveRetrieval } from '../../src/retrieval/storage.ts';
import { tuneCoVisitation } from '../../src/retrieval/tuneCoVisitation.ts';
import { tuneQuotas } from '../../src/retrieval/tuneQuotas.ts';

export interface TrainRetrievalInput {
  readonly config: Pick<ConfigFile, 'fields' | 'eventTypes' | 'training'>;
  readonly interactions: Interactions;
  /** By ordinal. */
  readonly items: readonly Item[];
  readonly trainer: EmbedderTrainer;
  /** The text encoder's vectors of the items, by ordinal, where there is an encoder. */
  readonly textVectors?: readonly (Float32Array | undefined)[];
  readonly progress: Progress;
  /** What a training of the same items gave: its settings are kept instead of chosen anew. */
  readonly previous?: RetrievalData;
}

export interface TrainedRetrieval {
  readonly models: RetrievalModels;
  readonly data: RetrievalData;
  /** Backend that trained the embedding model, or `none`. */
  readonly backend: string;
  /** Writes `retrieval/` into an artifact's folder. */
  save(folder: string): Promise<void>;
}

/** Fewer entries than this teach an embedding model nothing. */
const MIN_TARGETS = 20;

/**
 * Fits everything stage one serves from. A function of its input and the configured seed alone: cut the interactions to
 * train on an earlier state of the log. Works without events (content only), and without items.
 *
 * What is chosen by figures (co-visitation's settings, the sources' shares of the pool) is chosen on some actors' last
 * entries, which all but the embedding model's last pass then did not see; what is returned has seen every entry.
 */
export async function trainRetrieval(input: TrainRetrievalInput): Promise<TrainedRetrieval> {
  const { config, interactions, items, trainer, textVectors, previous } = input;
  if (interactions.itemCount > items.length) {
    throw new Error(`interactions refer to ${interactions.itemCount} items, of which ${items.length} were given`);
  }
  const { encoder, content } = previous ?? encodeCatalogue(config.fields, items, textVectors);
  const fixed: CatalogueData = {
    fields: config.fields,
    itemCount: items.length,
    eventWeights: eventWeights(config),
    encoder,
    content,
  };
  const data = previous === undefined ? await chooseAndFit(input, fixed) : await refit(input, fixed, previous);
  return {
    data,
    models: createRetrievalModels(data),
    backend: data.embedder === undefined ? 'none' : trainer.backend,
    save: (folder) => saveRetrieval(folder, data),
  };
}

async function chooseAndFit(input: TrainRetrievalInput, fixed: CatalogueData): Promise<RetrievalData> {
  const { interactions, progress, config } = input;
  const held = holdOutLast({ ...interactions, itemCount: fixed.itemCount });
  progress.note(`choosing settings on ${held.cases.length} held-out entries`);
  const tables = tuneCoVisitation(held);
  progress.note(`co-visitation: ${describe(tables.follow)}; together: ${describe(tables.together)}`);
  const settings = chooseEmbedderSettings(config.training, toSequences(interactions), fixed.itemCount);
  const lastPass = settings.epochs > 1 ? settings.epochs - 1 : 0;
  const before = lastPass > 0 ? await trainEmbedder(input, fixed, held.rest, settings, { to: lastPass }) : undefined;
  // With a single pass there is no model that has not seen the held-out entries: the usual shares stay.
  const quotas =
    before === undefined ? historyQuotas : chooseQuotas(input, fitCounts(fixed, held.rest, tables, before, historyQuotas), held);
  const part = before === undefined ? {} : { start: before.weights, from: lastPass };
  const embedder = await trainEmbedder(input, fixed, interactions, settings, part);
  return fitCounts(fixed, interactions, tables, embedder, quotas);
}

function chooseQuotas({ progress }: TrainRetrievalInput, data: RetrievalData, held: HeldOutEntries): RetrievalData['quotas'] {
  const { quotas, recall, usual, pool } = tuneQuotas(createRetrievalModels(data), held.cases);
  if (!Number.isNaN(recall)) {
    const shares = Object.entries(quotas).map(([source, share]) => `${source} ${share}`);
    progress.note(
      `shares of the pool: ${shares.join(', ')} (recall@${pool} ${recall.toFixed(3)}; the usual shares ${usual.toFixed(3)})`,
    );
  }
  return quotas;
}

async function refit(input: TrainRetrievalInput, fixed: CatalogueData, previous: RetrievalData): Promise<RetrievalData> {
  const { interactions, config } = input;
  const settings =
    previous.embedder?.weights.settings ?? chooseEmbedderSettings(config.training, toSequences(interactions), fixed.itemCount);
  const embedder = await trainEmbedder(input, fixed, interactions, settings, {});
  const tables = { follow: previous.coVisitation.settings, together: previous.wideCoVisitation.settings };
  return fitCounts(fixed, interactions, tables, embedder, previous.quotas);
}

const describe = ({ window, decay, norm, last, historyDecay }: CoVisitationSettings): string =>
  `window ${window}, decay ${decay}, norm ${norm}, last ${last} by ${historyDecay}`;

async function trainEmbedder(
  { trainer, progress }: TrainRetrievalInput,
  { itemCount, content }: CatalogueData,
  interactions: Interactions,
  settings: EmbedderSettings,
  part: TrainingPart,
): Promise<{ id: string; weights: EmbedderWeights } | undefined> {
  const sequences = toSequences(interactions);
  if (sequences.items.length - (sequences.offsets.length - 1) < MIN_TARGETS) {
    progress.note(`${sequences.items.length} actions are too few for an embedding model: content and popularity serve instead`);
    return undefined;
  }
  const weights = await trainer.train({ sequences, itemCount, content }, settings, progress, part);
  return { id: `pooling-${settings.dimensions}-${settings.historyLength}`, weights };
}
