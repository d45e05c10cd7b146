import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../domain/errors.ts';
import type { EventSchema, SchemaRegistry } from '../schemaRegistry.ts';

export interface SchemaRegistrySubject {
  readonly registry: SchemaRegistry;
  /** As another process would open it. */
  readonly other: SchemaRegistry;
  close(): Promise<void>;
}

/** What every schema registry must do. `open` gives an empty one. */
export function schemaRegistryConformance(name: string, open: () => Promise<SchemaRegistrySubject>): void {
  describe(`schema registry: ${name}`, () => {
    let subject: SchemaRegistrySubject;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(async () => {
      await subject.close();
    });

    const schema = (version: number, properties: EventSchema['schema'], required: string[] = ['itemId']): EventSchema => ({
      type: 'share',
      version,
      schema: { type: 'object', properties, required },
    });
    const first = schema(1, { itemId: { type: 'string' }, to: { enum: ['mail', 'chat'] } });

    test('knows what was registered, in other processes after a refresh', async () => {
      expect(subject.registry.get('share', 1)).toBeUndefined();
      await subject.registry.register(first);
      expect(subject.registry.get('share', 1)).toEqual(first);
      await subject.other.refresh();
      expect(subject.other.get('share', 1)).toEqual(first);
      expect(subject.other.all()).toEqual([first]);
      expect(subject.other.get('share', 2)).toBeUndefined();
    });

    test('gives the same object as long as a schema does not change', async () => {
      await subject.registry.register(first);
      const before = subject.registry.get('share', 1)?.schema;
      await subject.registry.register({ ...first, type: 'save' });
      await subject.registry.refresh();
      expect(subject.registry.get('save', 1)).toBeDefined();
      expect(subject.registry.get('share', 1)?.schema).toBe(before);
    });

    test('takes a compatible version, and refuses one that is not, saying why', async () => {
      await subject.registry.register(first);
      const wider = schema(2, { itemId: { type: 'string' }, to: { enum: ['mail', 'chat', 'link'] }, note: { type: 'string' } });
      await subject.registry.register(wider);
      expect(subject.registry.get('share', 2)).toEqual(wider);
      const narrower = schema(3, { itemId: { type: 'string' }, to: { enum: ['mail'] } }, ['itemId', 'to']);
      const refused = await subject.registry.register(narrower).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(UserError);
      expect(String(refused)).toMatch(/payload\.to: became required/);
      expect(String(refused)).toMatch(/no longer accepts "chat", "link"/);
      expect(subject.registry.get('share', 3)).toBeUndefined();
    });

    test('never changes a version, and registering the same again is nothing', async () => {
      await subject.registry.register(first);
      await subject.registry.register(first);
      const changed = schema(1, { itemId: { type: 'string' } });
      await expect(subject.registry.register(changed)).rejects.toThrow(/already registered with another schema/);
    });

    test('refuses what is no JSON Schema', async () => {
      const broken: EventSchema = { type: 'share', version: 1, schema: { type: 'objekt' } };
      await expect(subject.registry.register(broken)).rejects.toThrow(/not a JSON Schema/);
    });
  });
}
