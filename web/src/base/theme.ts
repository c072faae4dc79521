import { useSyncExternalStore } from 'react';
import { preferences } from './preferences';

// The scheme is one property on the root element: tokens.css derives every colour from it.
function apply(): void {
  const { theme } = preferences.get();
  document.documentElement.style.colorScheme = theme === 'system' ? '' : theme;
  document.documentElement.dataset['theme'] = theme;
}

export function startTheme(): void {
  apply();
  preferences.subscribe(apply);
}

const kDarkQuery = '(prefers-color-scheme: dark)';

function isDark(): boolean {
  const { theme } = preferences.get();
  return theme === 'dark' || (theme === 'system' && matchMedia(kDarkQuery).matches);
}

function subscribe(listener: () => void): () => void {
  const query = matchMedia(kDarkQuery);
  query.addEventListener('change', listener);
  const stop = preferences.subscribe(listener);
  return () => {
    query.removeEventListener('change', listener);
    stop();
  };
}

// True while the page is dark, by choice or by the system: a canvas redraws when it changes.
export function useDark(): boolean {
  return useSyncExternalStore(subscribe, isDark);
}

// Resolves tokens to colours that a canvas accepts (it knows neither var() nor light-dark()).
export function resolveColors(tokens: readonly string[]): string[] {
  const probe = document.createElement('i');
  probe.style.display = 'none';
  document.body.append(probe);
  const colors = tokens.map((token) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return colors;
}
