import { useEffect, useRef } from 'react';

// Keys by KeyboardEvent.key. A handler that returns false leaves the key to the browser.
export type Shortcuts = Record<string, (event: KeyboardEvent) => unknown>;

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

// Enter and space belong to the control that has the focus.
function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button, [role="option"], summary') !== null;
}

// Listens on the window while the component is mounted. Fields keep their own keys, and an open
// dialog or popover keeps all of them.
export function useShortcuts(shortcuts: Shortcuts): void {
  const current = useRef(shortcuts);
  useEffect(() => {
    current.current = shortcuts;
  });
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
      if (isTyping(event.target)) return;
      if (document.querySelector('[data-layer="open"]') !== null) return;
      if ((event.key === 'Enter' || event.key === ' ') && isControl(event.target)) return;
      const handler = current.current[event.key];
      if (handler !== undefined && handler(event) !== false) event.preventDefault();
    }
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
