import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { serverStats } from '@/api/queries';
import { isFixed } from '@/base/time_range';
import { Button } from '@/widgets/button';
import styles from '@/widgets/empty_page.module.css';
import { type CostsSearch, withChange } from './url_state';

interface NoCallsProps {
  search: CostsSearch;
  onChange: (search: CostsSearch) => void;
}

// No model was called here: says so and offers the ways out.
export function NoCalls({ search, onChange }: NoCallsProps) {
  const stats = useQuery(serverStats());
  if (stats.data?.spans_stored === 0) {
    return (
      <section className={styles.page} role="status">
        <h2>Nothing is stored yet</h2>
        <p>What models cost stands here once an app has sent its spans.</p>
        <div className={styles.actions}>
          <Link to="/traces" className={styles.link}>
            How to send a first trace
          </Link>
        </div>
      </section>
    );
  }
  const widest = !isFixed(search) && search.range === '30d';
  return (
    <section className={styles.page} role="status">
      <h2>No model was called in this range</h2>
      <p>
        {search.service === undefined
          ? 'A span is a call when it says so by the attributes of an instrumentation for models.'
          : `No span of ${search.service} in it is a call of a model.`}
      </p>
      <div className={styles.actions}>
        {search.service !== undefined && (
          <Button onClick={() => onChange(withChange(search, { service: undefined }))}>All services</Button>
        )}
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
