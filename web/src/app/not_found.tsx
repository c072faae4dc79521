import { Link } from '@tanstack/react-router';
import styles from './shell.module.css';

export function NotFound() {
  return (
    <main className={styles.lost}>
      <h1>There is no page at this address</h1>
      <Link to="/traces">Go to the traces</Link>
    </main>
  );
}
