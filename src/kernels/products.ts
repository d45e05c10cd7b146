import { createMultiply, packedLength, packMatrix } from './matrixKernel.ts';
import { pages } from './pages.ts';
import { COLUMNS } from './tile.ts';

/** Rows and vectors that are multiplied at once. */
export const PRODUCT_ROWS = 256;
export const PRODUCT_VECTORS = COLUMNS;

/** Inner products of up to `PRODUCT_ROWS` rows with up to `PRODUCT_VECTORS` vectors, all of the same length. */
export interface Products {
  /** Numbers from one row to the next; what lies behind a row's own stays zero. */
  readonly stride: number;
  /** Where rows are to be copied to. */
  readonly rows: Float32Array;
  /** The result, `PRODUCT_VECTORS` numbers a row. */
  readonly products: Float32Array;
  /** Takes the vectors that rows are multiplied with from now on. */
  load(vectors: readonly Float32Array[]): void;
  multiply(rows: number): void;
}

const INPUTS = 4;

/** Sums are in single precision and run over the numbers in their order, so they are the same wherever they run. */
export function createProducts(dimensions: number): Products {
  const stride = Math.ceil(dimensions / INPUTS) * INPUTS;
  const length = packedLength(stride, COLUMNS);
  const x = 4 * length;
  const y = x + 4 * PRODUCT_ROWS * stride;
  const memory = pages(y + 4 * PRODUCT_ROWS * COLUMNS);
  const multiply = createMultiply(memory);
  const matrix = { at: 0, inputs: stride, outputs: COLUMNS };
  const packed = new Float32Array(memory.buffer, 0, length);
  const columns = new Float32Array(stride * COLUMNS);
  const bias = new Float32Array(COLUMNS);
  return {
    stride,
    rows: new Float32Array(memory.buffer, x, PRODUCT_ROWS * stride),
    products: new Float32Array(memory.buffer, y, PRODUCT_ROWS * COLUMNS),
    load(vectors) {
      columns.fill(0);
      vectors.forEach((vector, column) => {
        for (let j = 0; j < dimensions; j++) columns[j * COLUMNS + column] = vector[j]!;
      });
      packMatrix(columns, bias, stride, packed);
    },
    multiply: (rows) => multiply(x, rows, matrix, y),
  };
}
