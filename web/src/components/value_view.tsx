import { cx } from '@/base/class_names';
import { FoldedText } from './folded_text';
import { JsonView } from './json_view';
import type { Message, MessagePart } from './messages';
import type { Shape } from './value_shape';
import styles from './value_view.module.css';

export function ValueView({ shape }: { shape: Shape }) {
  switch (shape.form) {
    case 'inline':
      return <span className={cx(styles.inline, styles[shape.kind])}>{shape.text}</span>;
    case 'text':
      return <FoldedText text={shape.text} />;
    case 'json':
      return <JsonView value={shape.value} />;
    case 'messages':
      return <Messages messages={shape.messages} />;
  }
}

function Messages({ messages }: { messages: Message[] }) {
  return (
    <ol className={styles.messages}>
      {messages.map((message, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: messages have no id and never move
        <li key={index} className={styles.message}>
          <span
            data-part="role"
            className={cx(styles.role, message.role === 'assistant' && styles.assistant)}
          >
            {message.role}
          </span>
          <div className={styles.parts}>
            {message.parts.length === 0 && <span className={styles.faint}>empty</span>}
            {message.parts.map((part, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: parts have no id and never move
              <Part key={place} part={part} />
            ))}
          </div>
        </li>
      ))}
    </ol>
  );
}

function Part({ part }: { part: MessagePart }) {
  if (part.kind === 'text') return <FoldedText text={part.text} />;
  return (
    <div className={styles.data}>
      <span className={styles.title}>{part.title}</span>
      {typeof part.value === 'string' ? (
        <FoldedText text={part.value} face="code" />
      ) : (
        <JsonView value={part.value} />
      )}
    </div>
  );
}
