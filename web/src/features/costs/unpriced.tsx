import { Link } from '@tanstack/react-router';
import { ChevronRight, TriangleAlert } from 'lucide-react';
import type { CallSum } from '@/api/schemas';
import { formatCompact, plural } from '@/base/format';
import { tokensOf } from '@/components/call_sums';
import { CopyButton } from '@/widgets/copy_button';
import { callsBehind } from './calls_behind';
import { priceCommand } from './price_command';
import styles from './unpriced.module.css';
import type { CostsSearch } from './url_state';

interface UnpricedProps {
  // By model, provider and kind, the most calls first.
  rows: readonly CallSum[];
  more: boolean;
  search: CostsSearch;
}

// Which calls are in no sum of cost, and what gives them a price.
export function Unpriced({ rows, more, search }: UnpricedProps) {
  const calls = rows.reduce((sum, row) => sum + row.calls, 0);
  const named = rows.filter((row) => row.key['model'] !== '');
  const nameless = rows.filter((row) => row.key['model'] === '').reduce((sum, row) => sum + row.calls, 0);
  if (calls === 0) return null;
  const commands = [...named.map(priceCommand), 'telltale serve --prices prices.toml'].join('\n');
  return (
    <details className={styles.note} data-testid="unpriced">
      <summary>
        <TriangleAlert size={14} aria-hidden className={styles.sign} />
        <span>
          {more && 'More than '}
          {plural(calls, 'call')} {calls === 1 ? 'has' : 'have'} no price and {calls === 1 ? 'is' : 'are'} in
          no sum of cost.
        </span>
        <ChevronRight size={13} aria-hidden className={styles.turn} />
      </summary>
      <div className={styles.body}>
        <ul>
          {named.map((row) => (
            <li key={Object.values(row.key).join(' ')}>
              <code>{row.key['model']}</code>
              <span className={styles.of}>{row.key['provider'] || 'no provider told'}</span>
              <Link
                to="/calls"
                search={callsBehind(search, {
                  model: row.key['model'] ?? '',
                  provider: row.key['provider'] ?? '',
                  cost_status: 'unpriced',
                  sort: 'tokens',
                })}
              >
                {plural(row.calls, 'call')}, {formatCompact(tokensOf(row))} tokens
              </Link>
            </li>
          ))}
          {nameless > 0 && (
            <li>
              {plural(nameless, 'call')} {nameless === 1 ? 'names' : 'name'} no model: only the sender can
              mend that.
            </li>
          )}
        </ul>
        {named.length > 0 && (
          <>
            <p>
              A rule in a price file of your own gives a model its price, in dollars per million tokens. What
              each field means is in docs/reference/price_file.md; how a rule is found in
              docs/concepts/cost.md.
            </p>
            <div className={styles.commands}>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide block must scroll by keyboard too */}
              <pre tabIndex={0}>{commands}</pre>
              <CopyButton label="Copy commands" className={styles.copy} text={() => commands} />
            </div>
          </>
        )}
      </div>
    </details>
  );
}
