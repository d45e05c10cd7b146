import { expect, test } from 'vitest';
import { UnavailableError } from '../../domain/errors.ts';
import { KafkaWriter } from './writer.ts';

/** A real broker cannot be made to take a request and fail it at will, so this one only tells in which order it was called. */
test('what follows a request that failed is numbered by a new producer', async () => {
  const calls: string[] = [];
  let fails = true;
  const writer = new KafkaWriter(
    {
      send: async () => {
        calls.push('send');
        if (fails) throw new Error('NOT_ENOUGH_REPLICAS_AFTER_APPEND');
        return {};
      },
      metadata: async () => {
        throw new Error('nobody asked');
      },
      initIdempotentProducer: async () => {
        calls.push('new producer');
        return { producerId: 1n, producerEpoch: 0 };
      },
    },
    () => 1,
  );
  const append = () => writer.append('raw', [{ key: 'k', value: 1 }]);
  await expect(append()).rejects.toThrow(UnavailableError);
  fails = false;
  await append();
  await append();
  expect(calls).toEqual(['send', 'new producer', 'send', 'send']);
});
