import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { type KeyboardEvent, type RefObject, useId, useMemo, useState } from 'react';
import { attributeKeys } from '@/api/queries';
import { cx } from '@/base/class_names';
import { Kbd } from '@/widgets/kbd';
import styles from './attribute_filter.module.css';

interface AttributeFilterProps {
  service: string | undefined;
  field: RefObject<HTMLInputElement | null>;
  onAdd: (attribute: string) => void;
  onOpenTrace: (trace_id: string) => void;
}

const kSuggestionsMax = 12;

export interface Suggestion {
  text: string;
  note: string;
  act: 'complete' | 'add' | 'open';
}

// What the typed text can become. A whole trace id opens its trace; a key without "=" is
// completed first; after "=" the filter is ready.
export function suggestionsFor(typed: string, keys: readonly string[]): Suggestion[] {
  const text = typed.trim();
  if (/^[0-9a-f]{32}$/i.test(text))
    return [{ text: text.toLowerCase(), note: 'open this trace', act: 'open' }];
  const equals = text.indexOf('=');
  if (equals > 0) {
    const value = text.slice(equals + 1);
    if (value !== '') return [{ text, note: 'add filter', act: 'add' }];
    return [{ text: text.slice(0, equals), note: 'has this attribute, whatever its value', act: 'add' }];
  }
  const wanted = text.toLowerCase();
  const starts = keys.filter((key) => key.toLowerCase().startsWith(wanted));
  const contains = keys.filter((key) => !starts.includes(key) && key.toLowerCase().includes(wanted));
  const found: Suggestion[] = [...starts, ...contains]
    .slice(0, kSuggestionsMax)
    .map((key) => ({ text: key, note: '', act: 'complete' }));
  if (found.length === 0 && text !== '')
    found.push({ text, note: 'not seen yet; type = and a value', act: 'complete' });
  return found;
}

export function AttributeFilter({ service, field, onAdd, onOpenTrace }: AttributeFilterProps) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const [focused, setFocused] = useState(false);
  const keys = useQuery({ ...attributeKeys(service), enabled: focused });
  const suggestions = useMemo(() => suggestionsFor(typed, keys.data ?? []), [typed, keys.data]);
  const open = focused && suggestions.length > 0;

  function type(text: string) {
    setTyped(text);
    setActive(0);
  }

  function take(suggestion: Suggestion | undefined) {
    if (suggestion === undefined) return;
    if (suggestion.act === 'complete') {
      type(`${suggestion.text}=`);
      return;
    }
    type('');
    if (suggestion.act === 'add') onAdd(suggestion.text);
    else onOpenTrace(suggestion.text);
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive(Math.min(Math.max(active + step, 0), suggestions.length - 1));
    } else if (
      event.key === 'Enter' ||
      (event.key === 'Tab' && suggestions[active]?.act === 'complete' && typed !== '')
    ) {
      event.preventDefault();
      take(suggestions[active]);
    } else if (event.key === 'Escape') {
      if (typed === '') event.currentTarget.blur();
      else type('');
    }
  }

  return (
    <div className={styles.box}>
      <Search size={13} aria-hidden className={styles.icon} />
      <input
        ref={field}
        className={styles.input}
        role="combobox"
        aria-label="Filter by attribute, or paste a trace id"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={open ? `${id}-${active}` : undefined}
        placeholder="attribute=value, or a trace id"
        spellCheck={false}
        autoComplete="off"
        value={typed}
        onChange={(event) => type(event.target.value)}
        onKeyDown={onKeyDown}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
      />
      {!focused && typed === '' && <Kbd>/</Kbd>}
      {open && (
        <div className={styles.list} role="listbox" id={`${id}-list`} aria-label="Suggestions">
          {suggestions.map((suggestion, index) => (
            <div
              key={suggestion.text}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              className={cx(styles.option, index === active && styles.active)}
              onPointerMove={() => setActive(index)}
              // The field keeps the focus: a suggestion is only a way to type.
              onPointerDown={(event) => {
                event.preventDefault();
                take(suggestion);
              }}
            >
              <code>{suggestion.text}</code>
              <span>{suggestion.note}</span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
