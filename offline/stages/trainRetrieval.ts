import type { Progress } from '../../src/cli/progress.ts';
import type { ConfigFile } from '../../src/config/schema.ts';
import type { Item } from '../../src/domain/item.ts';
import type { EmbedderTrainer } from '../../src/ports/training.ts';
import { chooseEmbedderSettings } from '../../src/retrieval/chooseSettings.ts';
import { type ContentEncoder, fitContentEncoder } from '../../src/retrieval/contentEncoder.ts';
import { type ContentMatrix, contentMatrix } from '../../src/retrieval/contentMatrix.ts';
import { buildCoVisitation, type CoVisitationSettings } from '../../src/retrieval/coVisitation.ts';
import { createRetrievalModels, type RetrievalData } from '../../src/retrieval/createModels.ts';
import type { EmbedderWeights } from '../../src/retrieval/embedderWeights.ts';
import { type Interactions, toSequences } from '../../src/retrieval/interactions.ts';
import type { RetrievalModels } from '../../src/retrieval/models.ts';
import { buildPopularity } from '../../src/retrieval/popularity.ts';
import { saveRetrieval } from '../../src/retrieval/storage.ts';
import { tuneCoVisitation } from '../../src/retrieval/tuneCoVisitation.ts';

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
   * What a training of the same items gave: its settings are kept instead of chosen anew, and with `warm` its embedding weights
   * are gone on from for that share of the passes. Warm only from a training that saw no more than this one may see.
   */
  readonly previous?: Pick<TrainedRetrieval, 'data'>;
  readonly warm?: number;
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

/** What comes directly next. */
const TRANSITIONS: Partial<CoVisitationSettings> = { window: 1, budget: 4_000_000 };

/**
 * Fits everything stage one serves from. A function of its input and the configured seed alone: cut the interactions to
 * train on an earlier state of the log. Works without events (content only), and without items.
 */
export async function trainRetrieval(input: TrainRetrievalInput): Promise<TrainedRetrieval> {
  const { config, interactions, items, trainer, textVectors, progress, previous } = input;
  const itemCount = items.length;
  if (interactions.itemCount > itemCount) {
    throw new Error(`interactions refer to ${interactions.itemCount} items, of which ${itemCount} were given`);
  }
  const encoder = previous?.data.encoder ?? fitContentEncoder(config.fields, items, textVectors);
  const content = previous?.data.content ?? encodeItems(encoder, items, textVectors);
  const sequences = toSequences(interactions);
  if (previous === undefined) progress.note('choosing the settings of co-visitation on held-out entries');
  const { follow, together } =
    previous === undefined
      ? tuneCoVisitation(interactions)
      : { follow: previous.data.coVisitation.settings, together: previous.data.wideCoVisitation.settings };
  progress.note(`co-visitation: ${describe(follow)}; together: ${describe(together)}`);
  const embedder = await trainEmbedder(input, sequences, content);
  const build = (settings: CoVisitationSettings) => buildCoVisitation(sequences, itemCount, settings);
  const data: RetrievalData = {
    fields: config.fields,
    itemCount,
    eventWeights: Object.fromEntries(Object.entries(config.eventTypes).map(([type, { weight }]) => [type, weight])),
    embedder,
    coVisitation: build(follow),
    transitions: build({ ...follow, ...TRANSITIONS }),
    wideCoVisitation: build(together),
    popularity: buildPopularity({ ...interactions, itemCount }),
    encoder,
    content,
  };
  return {
    data,
    models: createRetrievalModels(data),
    backend: embedder === undefined ? 'none' : trainer.backend,
    save: (folder) => saveRetrieval(folder, data),
  };
}

const describe = ({ window, decay, norm, last, historyDecay }: CoVisitationSettings): string =>
  `window ${window}, decay ${decay}, norm ${norm}, last ${last} by ${historyDecay}`;

async function trainEmbedder(
  { config, items, trainer, progress, previous, warm }: TrainRetrievalInput,
  sequences: ReturnType<typeof toSequences>,
  content: ContentMatrix,
): Promise<{ id: string; weights: EmbedderWeights } | undefined> {
  const entries = sequences.items.length - (sequences.offsets.length - 1);
  if (entries < MIN_TARGETS) {
    progress.note(`${sequences.items.length} actions are too few for an embedding model: content and popularity serve instead`);
    return undefined;
  }
  const before = previous?.data.embedder?.weights;
  const chosen = before?.settings ?? chooseEmbedderSettings(config.training, sequences, items.length);
  const start = warm === undefined ? undefined : before;
  const epochs = start === undefined ? chosen.epochs : Math.max(1, Math.round(chosen.epochs * (warm ?? 1)));
  const settings = { ...chosen, epochs };
  const weights = await trainer.train({ sequences, itemCount: items.length, content }, settings, progress, start);
  return { id: `pooling-${settings.dimensions}-${settings.historyLength}`, weights: { ...weights, settings: chosen } };
}

function encodeItems(
  encoder: ContentEncoder,
  items: readonly Item[],
  textVectors: readonly (Float32Array | undefined)[] | undefined,
): ContentMatrix {
  const rows = items.map((item, i) => encoder.encode(item, textVectors?.[i]));
  return contentMatrix(rows, encoder.featureCount, encoder.textDimensions);
}
