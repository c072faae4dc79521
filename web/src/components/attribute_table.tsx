import { Fragment, useMemo } from 'react';
import { type KeyValue, toText } from '@/api/any_value';
import { CopyButton } from '@/widgets/copy_button';
import styles from './attribute_table.module.css';
import { shapeOf } from './value_shape';
import { ValueView } from './value_view';

// Attributes for reading: short values in two columns in the sender's order, then what needs
// room, each in a block under its key. `asMessages`: see shapeOf.
export function AttributeTable({
  attributes,
  asMessages = true,
}: {
  attributes: readonly KeyValue[];
  asMessages?: boolean;
}) {
  const shaped = useMemo(
    () =>
      attributes.map((item, index) => ({
        ...item,
        id: `${index}:${item.key}`,
        shape: shapeOf(item.value, asMessages),
      })),
    [attributes, asMessages],
  );
  const short = shaped.filter((item) => item.shape.form === 'inline');
  const blocks = shaped.filter((item) => item.shape.form !== 'inline');
  return (
    <>
      {short.length > 0 && (
        <dl className={styles.table}>
          {short.map((item) => (
            <div key={item.id} className={styles.row}>
              <dt className={styles.key}>
                <Key text={item.key} />
              </dt>
              <dd className={styles.value} title={item.value.type}>
                <ValueView shape={item.shape} />
                <CopyButton
                  label={`Copy ${item.key}`}
                  className={styles.copy}
                  text={() => toText(item.value)}
                />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {blocks.map((item) => (
        <figure key={item.id} className={styles.block}>
          <figcaption className={styles.caption}>
            <span className={styles.key}>
              <Key text={item.key} />
            </span>
            <CopyButton label={`Copy ${item.key}`} className={styles.copy} text={() => toText(item.value)} />
          </figcaption>
          <div className={styles.body}>
            <ValueView shape={item.shape} />
          </div>
        </figure>
      ))}
    </>
  );
}

// Long keys break after a dot or an underscore, not in the middle of a word.
function Key({ text }: { text: string }) {
  return text.split(/(?<=[._/-])/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of one key never move
    <Fragment key={index}>
      {part}
      <wbr />
    </Fragment>
  ));
}
