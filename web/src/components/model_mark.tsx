import { modelToken } from './model_color';
import styles from './model_mark.module.css';

// The colour of a model in a chart; null: all other models. Its name stands beside it.
export function ModelMark({ model }: { model: string | null }) {
  const token = model === null ? kOtherToken : modelToken(model);
  return <i aria-hidden className={styles.mark} style={{ background: `var(${token})` }} />;
}

export const kOtherToken = '--line-strong';
