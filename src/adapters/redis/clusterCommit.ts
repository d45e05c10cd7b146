import { entityKey } from '../../domain/state.ts';
import { openRedisFeatureStore } from './featureStore.ts';

/** For a test that kills it: commits to a cluster, each commit changing the same many entities. Its argument is the cluster's JSON. */
const [config = ''] = process.argv.slice(2);
const { cluster, prefix, entities }: { cluster: string[]; prefix: string; entities: number } = JSON.parse(config);
const store = openRedisFeatureStore({ kind: 'redis', url: '', cluster, prefix });
const keys = Array.from({ length: entities }, (_, i) => entityKey('item', `${i}`));
for (let n = (await store.watermark('c', 0)) + 1; ; n++) {
  const puts = new Map(keys.map((key) => [key, { features: { n } }] as const));
  const applied = await store.commit({ consumer: 'c', partition: 0, nextOffset: n, expected: await store.sequence(), puts });
  console.log(applied ? n : 'not applied');
}
