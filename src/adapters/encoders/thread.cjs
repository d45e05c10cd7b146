// A thread starts as plain JavaScript; it reads TypeScript once it is taught to, whatever started the process. By require:
// the loader of modules would keep a thread of its own beside each. Only what its encoder needs is loaded.
require('tsx/cjs/api').register();
const { workerData } = require('node:worker_threads');
require(workerData.kind === 'onnx' ? './onnxThread.ts' : './useLiteThread.ts');
