import type { FieldGuess } from './fields.ts';
import type { EventRoles } from './roles.ts';

/** What `init` has found out, ready to be written. Paths are relative to the file. */
export interface Findings {
  readonly items: { readonly source: string; readonly id: string; readonly fields: readonly FieldGuess[] };
  readonly users?: { readonly source: string; readonly id: string; readonly fields: readonly FieldGuess[] };
  readonly events?: { readonly source: string; readonly roles: EventRoles; readonly types: readonly string[] };
}

/** A first `winnow.yaml`, with comments that say what each part does. */
export function configText({ items, users, events }: Findings): string {
  const lines = [
    '# What Winnow knows of your catalogue. Made by looking at the files: read it over, then run  npm run build-index',
    'dataset:',
    `  items: { source: ${quote(items.source)}, id: ${quote(items.id)} }`,
  ];
  if (users !== undefined) lines.push(`  users: { source: ${quote(users.source)}, id: ${quote(users.id)} }`);
  if (events !== undefined) lines.push(...eventLines(events.source, events.roles));
  lines.push(
    '  # The share of rows that may be bad (they are set aside in the workspace under rejects/) before the build stops.',
    '  maxRejects: 0.05',
    '',
    '# The typed fields of an item. text is searched; category and categories are searched, filtered and counted (facet: true).',
    'fields:',
    ...fieldLines(items.fields),
  );
  if (users?.fields.some(({ type }) => type !== undefined)) {
    lines.push(
      '',
      '# What is known of a user: rules and policies can use it as user.NAME.',
      'userFields:',
      ...fieldLines(users.fields),
    );
  }
  if (events !== undefined) {
    lines.push('', '# What people do, and how much each counts.', 'eventTypes:');
    for (const type of events.types) lines.push(`  ${quote(type)}: { weight: ${weightOf(type)} }`);
  }
  lines.push(
    '',
    '# Hard filters and business rules, each in a file of its own beside this one; see docs/rules.md.',
    '# policies: policies.yaml',
    '# rules: rules.yaml',
    '',
    '# Where state and events are kept: lmdb (in the workspace) or redis; lmdb or kafka.',
    'store: { kind: lmdb }',
    'eventLog: { kind: lmdb }',
  );
  return `${lines.join('\n')}\n`;
}

function eventLines(source: string, roles: EventRoles): string[] {
  const optional = (['user', 'type', 'value', 'session', 'request', 'position'] as const).flatMap((role) => {
    const column = roles[role];
    return column === undefined ? [] : [`    ${role}: ${quote(column)}`];
  });
  return [
    '  events:',
    `    source: ${quote(source)}`,
    `    item: ${quote(roles.item)}`,
    `    time: { column: ${quote(roles.time)}, unit: ${roles.unit} }`,
    ...optional,
  ];
}

function fieldLines(fields: readonly FieldGuess[]): string[] {
  return fields.map(({ name, column, type, separator, facet, title, note }) => {
    if (type === undefined) return `  # ${name}: ${note ?? 'left out'}`;
    const settings = [
      `type: ${type}`,
      ...(column === name ? [] : [`column: ${quote(column)}`]),
      ...(separator === undefined ? [] : [`separator: ${quote(separator)}`]),
      ...(facet ? ['facet: true'] : []),
      ...(title ? ['searchBoost: 3'] : []),
    ];
    return `  ${name}: { ${settings.join(', ')} }`;
  });
}

/** A first guess at how much more a purchase says than a view. */
function weightOf(type: string): number {
  const name = type.toLowerCase();
  if (/purchase|order|buy|transaction|checkout/.test(name)) return 5;
  if (/cart|basket|wish|save|like|favou?rite|book|subscribe|complete/.test(name)) return 3;
  if (/view|show|open|scroll|hover/.test(name)) return 0.2;
  return 1;
}

/** JSON strings are YAML strings; plain words stay plain. */
const quote = (text: string): string =>
  /^[A-Za-z][A-Za-z0-9_./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n|nan)$/i.test(text)
    ? text
    : JSON.stringify(text);
