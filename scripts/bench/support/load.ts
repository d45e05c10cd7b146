import { readFile } from 'node:fs/promises';
import autocannon from 'autocannon';

/** The load's own process, so that what it costs is not counted with the service: a file of JSON options as the only argument. */
const options: { url: string; paths: string[]; connections: number; seconds: number } = JSON.parse(
  await readFile(process.argv[2] ?? '', 'utf8'),
);
const result = await autocannon({
  url: options.url,
  connections: options.connections,
  duration: options.seconds,
  requests: options.paths.map((path) => ({ method: 'GET' as const, path })),
});
const { latency, requests, errors, timeouts, non2xx } = result;
process.stdout.write(
  JSON.stringify({
    p50: latency.p50,
    p99: latency.p99,
    average: requests.average,
    total: requests.total,
    errors,
    timeouts,
    non2xx,
  }),
);
