import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import util from 'node:util';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { quietNativeLibrary } from '../../config/nativeLibrary.ts';
import { UserError } from '../../domain/errors.ts';

const require = createRequire(import.meta.url);

export type BackendName = 'native' | 'wasm';

/** One of TensorFlow.js's ways to compute, ready. The library has one active backend a process, so call `use` first. */
export interface TfBackend {
  readonly tf: typeof tf;
  readonly name: BackendName;
  /** Why it is this one, for the log line at the start. */
  readonly why: string;
  /** Makes it the active one for the synchronous code that follows. Free when it is already. */
  use(): void;
}

/** What training computes on: native where it is installed and works, else WebAssembly. Never the plain CPU backend. */
export async function trainingBackend(options: { prefer?: BackendName } = {}): Promise<TfBackend> {
  if (options.prefer === 'wasm') return wasm('WebAssembly was asked for');
  const native = loadNative();
  if (native.ok) return ready('native', 'tensorflow', `tfjs-node is installed and computes`);
  if (options.prefer === 'native') throw new UserError(`native TensorFlow was asked for, but ${native.reason}`);
  return wasm(`${native.reason}; "npm run install-native" makes training faster`);
}

async function wasm(why: string): Promise<TfBackend> {
  const folder = join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist') + sep;
  if (tf.engine().registry['wasm'] === undefined) {
    setWasmPaths(folder);
    if (!(await tf.setBackend('wasm'))) throw new Error(`TensorFlow.js's WebAssembly backend did not start from ${folder}`);
  }
  return ready('wasm', 'wasm', why);
}

function ready(name: BackendName, registered: string, why: string): TfBackend {
  const use = () => {
    // Initialised already, so this takes effect before it returns.
    if (tf.engine().backendName !== registered) void tf.setBackend(registered);
  };
  use();
  return { tf, name, why, use };
}

let native: { ok: true } | { ok: false; reason: string } | undefined;

function loadNative(): { ok: true } | { ok: false; reason: string } {
  native ??= tryNative();
  return native;
}

function tryNative(): { ok: true } | { ok: false; reason: string } {
  try {
    require.resolve('@tensorflow/tfjs-node');
  } catch {
    return { ok: false, reason: 'tfjs-node is not installed' };
  }
  const active = tf.engine().backendName;
  try {
    quietNativeLibrary();
    restoreRemovedUtilities();
    require('@tensorflow/tfjs-node');
    if (tf.findBackend('tensorflow') === null) return { ok: false, reason: 'tfjs-node uses another copy of tfjs-core' };
    void tf.setBackend('tensorflow');
    const [sum] = tf.tidy(() => tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync());
    if (sum !== 11) return { ok: false, reason: `tfjs-node computes wrongly (1·3 + 2·4 gave ${sum})` };
    return { ok: true };
  } catch (error) {
    if (active) void tf.setBackend(active);
    const message = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { ok: false, reason: `tfjs-node does not load (${message})` };
  }
}

/** tfjs-node 4.22 calls two helpers that Node 23 removed. */
export function restoreRemovedUtilities(): void {
  const target: Record<string, unknown> = Object(util);
  target['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  target['isArray'] ??= Array.isArray;
}
