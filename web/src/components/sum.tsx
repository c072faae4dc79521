import type { CallTotals } from '@/api/schemas';
import { cx } from '@/base/class_names';
import { formatCompact, formatCount } from '@/base/format';
import { costText, missingCost, missingTokens, tokensOf } from './call_sums';
import styles from './sum.module.css';

// A sum that leaves calls out carries a "+" and says in its tooltip which.
function Sum({ text, told, title, missing }: SumProps) {
  const said = [title, missing].filter((part) => part !== null).join(', ');
  return (
    <span className={cx(styles.sum, !told && styles.none)} title={said === '' ? undefined : said}>
      {text}
      {missing !== null && told && (
        <i aria-hidden className={styles.mark}>
          +
        </i>
      )}
      {missing !== null && <span className="visually-hidden"> {missing}</span>}
    </span>
  );
}

interface SumProps {
  text: string;
  // There is a figure, not only a word for its absence.
  told: boolean;
  title: string | null;
  missing: string | null;
}

export function CostSum({ cost }: { cost: CallTotals['cost'] }) {
  return <Sum text={costText(cost)} told={cost.total !== null} title={null} missing={missingCost(cost)} />;
}

export function TokenSum({ sums }: { sums: CallTotals }) {
  const told = tokensOf(sums) > 0 || sums.calls > sums.calls_without_usage;
  return (
    <Sum
      text={told ? formatCompact(tokensOf(sums)) : '–'}
      told={told}
      title={told ? `${formatCount(sums.input_tokens)} in, ${formatCount(sums.output_tokens)} out` : null}
      missing={missingTokens(sums)}
    />
  );
}
