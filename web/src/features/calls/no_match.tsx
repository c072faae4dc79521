import { isFixed } from '@/base/time_range';
import { Button } from '@/widgets/button';
import styles from '@/widgets/empty_page.module.css';
import { type CallsSearch, hasFilters, withChange, withoutFilters } from './url_state';

interface NoMatchProps {
  search: CallsSearch;
  onChange: (search: CallsSearch) => void;
}

// No call here: says so and offers the ways out.
export function NoMatch({ search, onChange }: NoMatchProps) {
  const filtered = hasFilters(search);
  const widest = search.trace_id !== undefined || (!isFixed(search) && search.range === '30d');
  return (
    <section className={styles.page} role="status">
      <h2>{filtered ? 'No call matches' : 'No call in this time range'}</h2>
      {!filtered && (
        <p>
          A span is a call when it says so: of a model, a tool, a retriever, an agent or a step between them.
        </p>
      )}
      <div className={styles.actions}>
        {filtered && <Button onClick={() => onChange(withoutFilters(search))}>Clear filters</Button>}
        {!widest && (
          <Button
            onClick={() => onChange(withChange(search, { range: '30d', start: undefined, end: undefined }))}
          >
            Show the last 30 days
          </Button>
        )}
      </div>
    </section>
  );
}
