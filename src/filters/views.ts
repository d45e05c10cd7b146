import type { FieldDefinitions } from '../config/schema.ts';
import type { Fields } from '../domain/item.ts';

/**
 * How CEL reads an entity's fields: a map whose lookups go to the fields themselves, with dates as timestamps. One view
 * serves all evaluations, which are synchronous, so that nothing is copied for an item. It extends Map only because that is
 * what the CEL library reads fields through; the map itself stays empty.
 */
export class FieldView extends Map<string, unknown> {
  readonly #dates: ReadonlySet<string>;
  #id: string | undefined;
  #fields: Fields = {};
  #unknown = false;

  constructor(definitions: FieldDefinitions) {
    super();
    this.#dates = new Set(Object.keys(definitions).filter((name) => definitions[name]?.type === 'date'));
  }

  /** @param unknown whether what is not there could not be looked up, and so may not be read */
  show(fields: Fields, id?: string, unknown = false): this {
    this.#fields = fields;
    this.#id = id;
    this.#unknown = unknown;
    return this;
  }

  override get(name: string): unknown {
    if (name === 'id' && this.#id !== undefined) return this.#id;
    if (!Object.hasOwn(this.#fields, name)) {
      if (this.#unknown) throw new Error(`${name} could not be looked up`);
      return undefined;
    }
    const value = this.#fields[name];
    return this.#dates.has(name) && typeof value === 'number' ? new Date(value) : value;
  }
}

/** `request`: route, scenario and whatever context the caller sent. */
export class RequestView extends Map<string, unknown> {
  #request: Readonly<Record<string, unknown>> = {};

  show(request: Readonly<Record<string, unknown>>): this {
    this.#request = request;
    return this;
  }

  override get(name: string): unknown {
    return Object.hasOwn(this.#request, name) ? this.#request[name] : undefined;
  }
}
