/*
 * Cheap checks of stored state on the way of a request: its own writer made it, so the first element stands for the rest;
 * the features' zod schemas check it whole where that matters.
 */

export const isStrings = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && (value.length === 0 || typeof value[0] === 'string');

export const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && (value.length === 0 || typeof value[0] === 'number');
