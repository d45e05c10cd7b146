import type { Head } from '../ranking/head.ts';
import { CLIP } from '../ranking/standardise.ts';
import { bytes, entry, float, integer, type Message, message } from './protobuf.ts';

const FLOAT = 1;
/** Version of the graph format that its operations are those of (TensorFlow 2.x reads it). */
const PRODUCER = 1395;
/** Length of a dimension that each call decides. */
const ANY = -1;

/**
 * A head as TensorFlow's SavedModel with constants for weights: raw rows in (`rows`, float32 [any, columns]), probabilities out
 * (`probabilities`, float32 [any, 1]), scaling and calibration included. Message and field numbers are those of
 * tensorflow/core/protobuf/{saved_model,meta_graph}.proto and tensorflow/core/framework/{graph,node_def,attr_value,tensor}.proto.
 * @returns the bytes of `saved_model.pb`
 */
export function savedModel(head: Head): Message {
  const { inputs } = head.network;
  const signature = message(
    entry(1, 'rows', tensorInfo('rows:0', [ANY, inputs])),
    entry(2, 'probabilities', tensorInfo('probabilities:0', [ANY, 1])),
    bytes(3, 'tensorflow/serving/predict'),
  );
  const metaGraph = message(
    bytes(1, message(bytes(4, 'serve'), bytes(5, '2.0.0'))),
    bytes(2, message(...graph(head).map((node) => bytes(1, node)), bytes(4, message(integer(1, PRODUCER))))),
    entry(5, 'serving_default', signature),
  );
  return message(integer(1, 1), bytes(2, metaGraph));
}

/** score = w3 · relu(W2ᵀ relu(W1ᵀ x + b1) + b2) + skip · x of the scaled and clipped row; sigmoid(slope × score + offset). */
function graph({ network, scaling, calibration }: Head): Message[] {
  const { inputs, hidden, w1, b1, w2, b2, w3, skip } = network;
  const [first, second] = hidden;
  const scalar = (name: string, value: number): Message => constant(name, Float32Array.of(value), []);
  return [
    node('rows', 'Placeholder', [], [entry(5, 'dtype', integer(6, FLOAT)), entry(5, 'shape', bytes(7, shape([ANY, inputs])))]),
    constant('mean', scaling.mean, [inputs]),
    constant('inverse', scaling.inverse, [inputs]),
    constant('w1', w1, [inputs, first]),
    constant('b1', b1, [first]),
    constant('w2', w2, [first, second]),
    constant('b2', b2, [second]),
    constant('w3', w3, [second, 1]),
    constant('skip', skip, [inputs, 1]),
    scalar('least', -CLIP),
    scalar('most', CLIP),
    scalar('slope', calibration.slope),
    scalar('offset', calibration.offset),
    operation('centred', 'Sub', ['rows', 'mean']),
    operation('scaled', 'Mul', ['centred', 'inverse']),
    operation('raised', 'Maximum', ['scaled', 'least']),
    operation('x', 'Minimum', ['raised', 'most']),
    ...layer('h1', 'x', 'w1', 'b1'),
    ...layer('h2', 'h1', 'w2', 'b2'),
    operation('deep', 'MatMul', ['h2', 'w3']),
    operation('direct', 'MatMul', ['x', 'skip']),
    operation('score', 'AddV2', ['deep', 'direct']),
    operation('sloped', 'Mul', ['score', 'slope']),
    operation('logit', 'AddV2', ['sloped', 'offset']),
    operation('probabilities', 'Sigmoid', ['logit']),
  ];
}

const layer = (name: string, input: string, weights: string, bias: string): Message[] => [
  operation(`${name}/product`, 'MatMul', [input, weights]),
  operation(`${name}/sum`, 'AddV2', [`${name}/product`, bias]),
  operation(name, 'Relu', [`${name}/sum`]),
];

const operation = (name: string, op: string, inputs: readonly string[]): Message =>
  node(name, op, inputs, [entry(5, 'T', integer(6, FLOAT))]);

function constant(name: string, values: Float32Array, dimensions: readonly number[]): Message {
  const content = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => {
    content.writeFloatLE(value, 4 * i);
  });
  const tensor = message(
    integer(1, FLOAT),
    bytes(2, shape(dimensions)),
    values.length === 1 ? float(5, values[0]!) : bytes(4, content),
  );
  return node(name, 'Const', [], [entry(5, 'dtype', integer(6, FLOAT)), entry(5, 'value', bytes(8, tensor))]);
}

const node = (name: string, op: string, inputs: readonly string[], attributes: readonly Uint8Array[]): Message =>
  message(bytes(1, name), bytes(2, op), ...inputs.map((input) => bytes(3, input)), ...attributes);

const tensorInfo = (name: string, dimensions: readonly number[]): Message =>
  message(bytes(1, name), integer(2, FLOAT), bytes(3, shape(dimensions)));

const shape = (dimensions: readonly number[]): Message =>
  message(...dimensions.map((size) => bytes(2, message(integer(1, size)))));
