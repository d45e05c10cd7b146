import { eventLogConformance } from '../../ports/conformance/eventLog.ts';
import { MemoryEventLog } from './eventLog.ts';

eventLogConformance('memory', async () => {
  const log = new MemoryEventLog();
  return { log, other: log, close: () => log.close() };
});
