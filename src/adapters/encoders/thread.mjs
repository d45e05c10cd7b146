// A thread starts as plain JavaScript; it reads TypeScript once it is taught to, whatever started the process.
import { register } from 'tsx/esm/api';

register();
await import('./encoderThread.ts');
