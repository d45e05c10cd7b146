import { z } from 'zod';
import { isRecord } from '../../domain/json.ts';

/** The part of onnxruntime-web that is used; the package is installed only by those who want it, so its types are not here. */
export interface OnnxTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

export interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, OnnxTensor>>>;
}

export interface OnnxRuntime {
  readonly env: { readonly wasm: { numThreads?: number | undefined } };
  readonly InferenceSession: { create(model: Uint8Array): Promise<OnnxSession> };
  readonly Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => unknown;
}

/** Whether a module is what this expects of onnxruntime-web. */
export const onnxRuntimeSchema = z.custom<OnnxRuntime>(
  (value) =>
    isRecord(value) &&
    isRecord(value['env']) &&
    isRecord(value['env']['wasm']) &&
    typeof value['Tensor'] === 'function' &&
    (typeof value['InferenceSession'] === 'function' || isRecord(value['InferenceSession'])),
  'this is not onnxruntime-web',
);
