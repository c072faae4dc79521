import { Dialog } from '@/widgets/dialog';
import { Kbd } from '@/widgets/kbd';
import styles from './help.module.css';

const kGroups: { title: string; keys: [string[], string][] }[] = [
  {
    title: 'Everywhere',
    keys: [
      [['?'], 'This list'],
      [['/'], 'Search or filter'],
      [['Esc'], 'Close, step back'],
    ],
  },
  {
    title: 'Traces and calls',
    keys: [
      [['j', 'k'], 'Next, previous row'],
      [['Enter'], 'Open it'],
    ],
  },
  {
    title: 'One trace',
    keys: [
      [['j', 'k'], 'Next, previous span'],
      [['←', '→'], 'Fold or go up, unfold or go down'],
      [['Enter'], 'Fold or unfold'],
      [['c'], 'Collapse or expand all'],
      [['e'], 'Next error'],
      [['n', 'N'], 'Next, previous found span'],
      [['z', '0'], 'Zoom to the span, show all'],
    ],
  },
];

interface HelpProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function Help({ open, onOpenChange }: HelpProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard shortcuts">
      <div className={styles.groups}>
        {kGroups.map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl>
              {group.keys.map(([keys, meaning]) => (
                <div key={meaning}>
                  <dt>
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
