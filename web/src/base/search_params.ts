// A query string as a plain record: a repeated key becomes an array. This is all that the
// router knows of URLs; each page gives the record its meaning.
export type SearchRecord = Record<string, string | string[] | undefined>;

export function parseSearchRecord(text: string): SearchRecord {
  const record: SearchRecord = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const before = record[key];
    if (before === undefined) record[key] = value;
    else record[key] = Array.isArray(before) ? [...before, value] : [before, value];
  }
  return record;
}

export function formatSearchRecord(record: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(record)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (typeof item === 'string') params.append(key, item);
    }
  }
  // Colons, commas and slashes need no escape in a query; times and names stay readable.
  const text = params.toString().replace(/%(3A|2C|2F|40)/g, (code) => decodeURIComponent(code));
  return text === '' ? '' : `?${text}`;
}

export function firstOf(value: unknown): string | undefined {
  const item = Array.isArray(value) ? value[0] : value;
  return typeof item === 'string' && item !== '' ? item : undefined;
}

export function allOf(value: unknown): string[] {
  const items = Array.isArray(value) ? value : [value];
  return items.filter((item): item is string => typeof item === 'string' && item !== '');
}
