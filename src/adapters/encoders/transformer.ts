import { pages } from '../../kernels/pages.ts';
import { createShortKernel, packShortMatrix, type ShortMatrix, shortMatrixBytes, shortRoom } from '../../kernels/shortKernel.ts';
import { attentionRoom, createAttention } from './attention.ts';

/** Fills `into` with the tensor of that name in the model's files, row-major. @throws Error where it has another length */
export type ReadTensor = (name: string, into: Float32Array) => Promise<void>;

/** Widths of one layer: what comes in, what it works on and gives, and what is between the two dense layers behind its attention. */
export interface LayerShape {
  readonly inputs: number;
  readonly width: number;
  readonly hidden: number;
}

/** Names of the tensors: of a layer by its number. */
export interface TensorNames {
  readonly embeddings: string;
  readonly pooling: Dense;
  layer(index: number): LayerNames;
}

interface Dense {
  readonly weights: string;
  readonly bias: string;
}
interface Norm {
  readonly scale: string;
  readonly bias: string;
}
export interface LayerNames {
  readonly norm: Norm;
  /** Widens what goes round the attention, where the layer's width is another than its inputs'. */
  readonly residual?: Dense;
  readonly queryKeyValue: Dense;
  readonly output: Dense;
  readonly innerNorm: Norm;
  readonly expand: Dense;
  readonly contract: Dense;
}

export interface TransformerShape {
  readonly pieces: number;
  readonly heads: number;
  readonly layers: readonly LayerShape[];
}

interface LoadedNorm {
  readonly scale: Float32Array;
  readonly bias: Float32Array;
}
interface Layer extends LayerShape {
  readonly norm: LoadedNorm;
  readonly residual: ShortMatrix | undefined;
  readonly queryKeyValue: ShortMatrix;
  readonly output: ShortMatrix;
  readonly innerNorm: LoadedNorm;
  readonly expand: ShortMatrix;
  readonly contract: ShortMatrix;
}

const EPSILON = 1e-6;

/**
 * Vectors of texts given as pieces: a pre-norm transformer (Vaswani et al. 2017; sinusoids added once, the embeddings twice), the
 * mean of its rows, one tanh layer. Texts share each pass through the weights, at most `capacity` pieces together.
 */
export type Encode = (texts: readonly (readonly number[])[]) => Float32Array[];

export async function loadTransformer(
  { pieces, heads, layers: shapes }: TransformerShape,
  names: TensorNames,
  readTensor: ReadTensor,
  capacity: number,
): Promise<Encode> {
  const width = shapes.at(-1)?.width ?? 0;
  const first = shapes[0]?.inputs ?? 0;
  const widest = Math.max(...shapes.map(({ inputs, hidden }) => Math.max(hidden, 3 * inputs)));
  const activations = capacity * (3 * width + widest);
  const matrices = shapes.flatMap((s) => [
    ...(s.inputs === s.width ? [] : [shortMatrixBytes(s.inputs, s.width)]),
    shortMatrixBytes(s.inputs, 3 * s.inputs),
    shortMatrixBytes(s.inputs, s.width),
    shortMatrixBytes(s.width, s.hidden),
    shortMatrixBytes(s.hidden, s.width),
  ]);
  const room = shortRoom(capacity, widest);
  const attention = { rows: capacity, size: Math.max(...shapes.map(({ inputs }) => inputs)) / heads };
  const weights = [...matrices, shortMatrixBytes(width, width)].reduce((a, b) => a + b, 0);
  const memory = pages(4 * (pieces * first + activations) + weights + room + attentionRoom(attention));
  let end = 0;
  /** The next bytes of the memory. */
  const take = (bytes: number): number => {
    end += bytes;
    return end - bytes;
  };
  const floats = (length: number): Float32Array => new Float32Array(memory.buffer, take(4 * length), length);
  const { multiply, rectify } = createShortKernel(memory, take(room), capacity);
  const attend = createAttention(memory, take(attentionRoom(attention)), attention, heads);
  const vector = async (name: string, length: number): Promise<Float32Array> => {
    const numbers = new Float32Array(length);
    await readTensor(name, numbers);
    return numbers;
  };
  // What a pass works on later is where matrices are read to before they are packed.
  const work = floats(activations);
  const dense = async ({ weights, bias }: Dense, inputs: number, outputs: number): Promise<ShortMatrix> => {
    const read = work.length < inputs * outputs ? new Float32Array(inputs * outputs) : work.subarray(0, inputs * outputs);
    await readTensor(weights, read);
    return packShortMatrix(read, await vector(bias, outputs), inputs, memory.buffer, take(shortMatrixBytes(inputs, outputs)));
  };
  const norm = async ({ scale, bias }: Norm, length: number): Promise<LoadedNorm> => ({
    scale: await vector(scale, length),
    bias: await vector(bias, length),
  });

  const embeddings = floats(pieces * first);
  await readTensor(names.embeddings, embeddings);
  const layers: Layer[] = [];
  for (const [i, shape] of shapes.entries()) {
    const layer = names.layer(i);
    layers.push({
      ...shape,
      norm: await norm(layer.norm, shape.inputs),
      residual: layer.residual === undefined ? undefined : await dense(layer.residual, shape.inputs, shape.width),
      queryKeyValue: await dense(layer.queryKeyValue, shape.inputs, 3 * shape.inputs),
      output: await dense(layer.output, shape.inputs, shape.width),
      innerNorm: await norm(layer.innerNorm, shape.width),
      expand: await dense(layer.expand, shape.width, shape.hidden),
      contract: await dense(layer.contract, shape.hidden, shape.width),
    });
  }
  const pooling = await dense(names.pooling, width, width);
  /** What runs through the layers, what is multiplied next, what came out, and the same where it is wide. */
  const part = (i: number): Float32Array => work.subarray(i * capacity * width, (i + 1) * capacity * width);
  const state = part(0);
  const input = part(1);
  const output = part(2);
  const wide = work.subarray(3 * capacity * width);

  const half = first / 2;
  const frequencies = Float64Array.from({ length: half }, (_, j) => 10_000 ** (-j / (half - 1)));
  const embed = (texts: readonly (readonly number[])[]): void => {
    let at = 0;
    for (const text of texts)
      for (const [position, piece] of text.entries()) {
        for (let j = 0; j < first; j++, at++) {
          const angle = position * frequencies[j % half]!;
          state[at] = 2 * embeddings[piece * first + j]! + (j < half ? Math.sin(angle) : Math.cos(angle));
        }
      }
  };

  const through = (layer: Layer, lengths: readonly number[], rows: number): void => {
    const { inputs } = layer;
    normaliseRows(state, input, rows, inputs, layer.norm);
    multiply(input.byteOffset, rows, layer.queryKeyValue, wide.byteOffset);
    let from = 0;
    for (const length of lengths) {
      attend(wide, input, from, length, inputs);
      from += length;
    }
    multiply(input.byteOffset, rows, layer.output, output.byteOffset);
    if (layer.residual !== undefined) {
      multiply(state.byteOffset, rows, layer.residual, input.byteOffset);
      state.set(input.subarray(0, rows * layer.width));
    }
    add(state, output, rows * layer.width);
    normaliseRows(state, input, rows, layer.width, layer.innerNorm);
    rectify(input.byteOffset, rows, layer.expand, wide.byteOffset);
    multiply(wide.byteOffset, rows, layer.contract, output.byteOffset);
    add(state, output, rows * layer.width);
  };

  return (texts) => {
    const lengths = texts.map((text) => text.length);
    const rows = lengths.reduce((a, b) => a + b, 0);
    if (rows > capacity) throw new RangeError(`${rows} pieces at once, of ${capacity} at most`);
    embed(texts);
    for (const layer of layers) through(layer, lengths, rows);
    input.fill(0, 0, texts.length * width);
    let row = 0;
    for (const [text, length] of lengths.entries())
      for (let i = 0; i < length; i++, row++)
        for (let j = 0; j < width; j++) input[text * width + j]! += state[row * width + j]! / length;
    multiply(input.byteOffset, texts.length, pooling, output.byteOffset);
    return texts.map((_, text) => output.slice(text * width, (text + 1) * width).map(Math.tanh));
  };
}

function add(to: Float32Array, what: Float32Array, length: number): void {
  for (let i = 0; i < length; i++) to[i]! += what[i]!;
}

/** Layer normalisation (Ba, Kiros & Hinton 2016) of each row. */
function normaliseRows(from: Float32Array, to: Float32Array, rows: number, width: number, { scale, bias }: LoadedNorm): void {
  for (let at = 0; at < rows * width; at += width) {
    let mean = 0;
    for (let j = 0; j < width; j++) mean += from[at + j]!;
    mean /= width;
    let variance = 0;
    for (let j = 0; j < width; j++) variance += (from[at + j]! - mean) ** 2;
    const inverse = 1 / Math.sqrt(variance / width + EPSILON);
    for (let j = 0; j < width; j++) to[at + j] = (from[at + j]! - mean) * inverse * scale[j]! + bias[j]!;
  }
}
