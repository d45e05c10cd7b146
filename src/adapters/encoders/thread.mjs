// A thread starts as plain JavaScript; it reads TypeScript once it is taught to, whatever started the process.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData);
