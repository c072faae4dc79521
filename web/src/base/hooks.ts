import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { nowNanos } from './time';

// The time, renewed every `every_ms`, for texts like "3 min ago".
export function useNow(every_ms: number): bigint {
  const [now, setNow] = useState(nowNanos);
  useEffect(() => {
    const timer = setInterval(() => setNow(nowNanos()), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return now;
}

export interface Size {
  width: number;
  height: number;
}

// The content size of an element, kept current.
export function useSize<T extends HTMLElement>(): [RefObject<T | null>, Size] {
  const ref = useRef<T>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      setSize((before) => (before.width === width && before.height === height ? before : { width, height }));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, size];
}

export function useMediaQuery(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const onChange = () => setMatches(list.matches);
    onChange();
    list.addEventListener('change', onChange);
    return () => list.removeEventListener('change', onChange);
  }, [query]);
  return matches;
}

// Sets the tab's title while the component is mounted.
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
}
