import { createStore, useStore } from './store';

// What a reader chose once and expects to find again. Kept in localStorage; a value that is
// missing or of the wrong type falls back to its default, so an old or damaged copy cannot
// break the page.
export interface Preferences {
  theme: 'system' | 'light' | 'dark';
  detail_width: number;
  // 0: as wide as suits the window.
  name_width: number;
  closed_sections: string[];
}

const kKey = 'telltale.preferences';
const kDefaults: Preferences = {
  theme: 'system',
  detail_width: 480,
  name_width: 0,
  closed_sections: ['scope'],
};

export function readPreferences(text: string | null): Preferences {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? '{}');
  } catch {
    return kDefaults;
  }
  if (typeof stored !== 'object' || stored === null) return kDefaults;
  const given = stored as Partial<Record<keyof Preferences, unknown>>;
  const width = (value: unknown, fallback: number) =>
    typeof value === 'number' && value > 0 && value < 10_000 ? value : fallback;
  return {
    theme: given.theme === 'light' || given.theme === 'dark' ? given.theme : 'system',
    detail_width: width(given.detail_width, kDefaults.detail_width),
    name_width: width(given.name_width, kDefaults.name_width),
    closed_sections: Array.isArray(given.closed_sections)
      ? given.closed_sections.filter((name): name is string => typeof name === 'string')
      : kDefaults.closed_sections,
  };
}

// localStorage throws where a browser forbids it; preferences then last as long as the page.
function load(): string | null {
  try {
    return globalThis.localStorage?.getItem(kKey) ?? null;
  } catch {
    return null;
  }
}

const store = createStore<Preferences>(readPreferences(load()));

export const preferences = {
  get: store.get,
  subscribe: store.subscribe,
  update(change: Partial<Preferences>): void {
    store.set({ ...store.get(), ...change });
    try {
      globalThis.localStorage.setItem(kKey, JSON.stringify(store.get()));
    } catch {
      // Nothing to do: the choice holds until the page closes.
    }
  },
};

export function usePreferences(): Preferences {
  return useStore(store);
}
