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
import { type HeldOut, holdOutLast } from '../../src/retrieval/heldOut.ts';
import { type Interactions, interactionsHash, toSequences } from '../../src/retrieval/interactions.ts';
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
  /**
   * What of some interactions a ranker is to be asked about stage one's model of: the first passes learn from no more than that,
   * so that the training of that model can go on from them.
   */
  readonly known?: (interactions: Interactions) => Interactions;
  /**
   * What a training of the same items gave: its settings are kept instead of chosen anew, and where these interactions are what
   * its first passes kept to, those are not done again.
   */
  readonly previous?: Fitted;
}

export interface TrainedRetrieval {
  readonly models: RetrievalModels;
  readonly data: RetrievalData;
  /** The weights after the first passes, by the hash of the interactions that they may be gone on with; where `known` asked for them. */
  readonly early: RetrievalData['embedder'];
  /** Backend that trained the embedding model, or `none`. */
  readonly backend: string;
  /** Writes `retrieval/` into an artifact's folder. */
  save(folder: string): Promise<void>;
}

/** Fewer entries than this teach an embedding model nothing. */
const MIN_TARGETS = 20;

/** How much of the passes the model that serves has in common with the one that teaches a ranker. */
const COMMON = 0.6;
const commonPasses = (epochs: number): number => Math.floor(COMMON * epochs);

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
  const { encoder, content } = previous?.data ?? encodeCatalogue(config.fields, items, textVectors);
  const fixed: CatalogueData = {
    fields: config.fields,
    itemCount: items.length,
    eventWeights: eventWeights(config),
    encoder,
    content,
  };
  const { data, early } =
    previous === undefined ? await chooseAndFit(input, fixed) : { data: await refit(input, fixed, previous), early: undefined };
  return {
    data,
    early,
    models: createRetrievalModels(data),
    backend: data.embedder === undefined ? 'none' : trainer.backend,
    save: (folder) => saveRetrieval(folder, data, early),
  };
}

type Fitted = Pick<TrainedRetrieval, 'data' | 'early'>;

async function chooseAndFit(input: TrainRetrievalInput, fixed: CatalogueData): Promise<Fitted> {
  const { interactions, progress, config, known } = input;
  const held = holdOutLast({ ...interactions, itemCount: fixed.itemCount });
  progress.note(`choosing settings on ${held.cases.length} held-out entries`);
  const tables = tuneCoVisitation(held);
  progress.note(`co-visitation: ${describe(tables.follow)}; together: ${describe(tables.together)}`);
  const settings = chooseEmbedderSettings(config.training, toSequences(interactions), fixed.itemCount);
  const common = known === undefined ? 0 : commonPasses(settings.epochs);
  const lastPass = settings.epochs > 1 ? settings.epochs - 1 : 0;
  const first = known && common > 0 ? await trainEmbedder(input, fixed, known(held.rest), settings, { to: common }) : undefined;
  const begun = first === undefined ? {} : { start: first.weights, from: common };
  const before = lastPass > 0 ? await trainEmbedder(input, fixed, held.rest, settings, { ...begun, to: lastPass }) : undefined;
  // With a single pass there is no model that has not seen the held-out entries: the usual shares stay.
  const quotas =
    before === undefined ? historyQuotas : chooseQuotas(input, fitCounts(fixed, held.rest, tables, before, historyQuotas), held);
  const part = before === undefined ? {} : { start: before.weights, from: lastPass };
  const embedder = await trainEmbedder(input, fixed, interactions, settings, part);
  return {
    data: fitCounts(fixed, interactions, tables, embedder, quotas),
    early: known && first && { id: interactionsHash(known(interactions)), weights: first.weights },
  };
}

function chooseQuotas({ progress }: TrainRetrievalInput, data: RetrievalData, held: HeldOut): RetrievalData['quotas'] {
  const { quotas, recall, usual, pool } = tuneQuotas(createRetrievalModels(data), held.cases);
  if (!Number.isNaN(recall)) {
    const shares = Object.entries(quotas).map(([source, share]) => `${source} ${share}`);
    progress.note(
      `shares of the pool: ${shares.join(', ')} (recall@${pool} ${recall.toFixed(3)}; the usual shares ${usual.toFixed(3)})`,
    );
  }
  return quotas;
}

async function refit(input: TrainRetrievalInput, fixed: CatalogueData, previous: Fitted): Promise<RetrievalData> {
  const { interactions, config } = input;
  const { data: before, early } = previous;
  const settings =
    before.embedder?.weights.settings ?? chooseEmbedderSettings(config.training, toSequences(interactions), fixed.itemCount);
  const start = early?.id === interactionsHash(interactions) ? early.weights : undefined;
  const part = start === undefined ? {} : { start, from: commonPasses(settings.epochs) };
  const embedder = await trainEmbedder(input, fixed, interactions, settings, part);
  const tables = { follow: before.coVisitation.settings, together: before.wideCoVisitation.settings };
  return fitCounts(fixed, interactions, tables, embedder, before.quotas);
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
