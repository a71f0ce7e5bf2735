// Short notes at the top that go away by themselves and are read aloud.
import { Check, TriangleAlert } from 'lucide-react';
import { useSyncExternalStore } from 'react';

type Note = { id: number; text: string; quote?: string; good: boolean };
let notes: Note[] = [];
let last = 0;
const listeners = new Set<() => void>();

function set(next: Note[]): void {
  notes = next;
  listeners.forEach((listener) => listener());
}

export function toast(note: Omit<Note, 'id'>, ms: number): void {
  const id = (last += 1);
  set([...notes.slice(-3), { ...note, id }]);
  setTimeout(() => set(notes.filter((one) => one.id !== id)), ms);
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notes,
  );
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((note) => (
        <div key={note.id} className={note.good ? 'toast' : 'toast bad'}>
          {note.good ? <Check size={14} aria-hidden className="svg" /> : <TriangleAlert size={14} aria-hidden className="svg" />}
          <span>
            {note.text}
            {note.quote && <code className="small dim"> {note.quote}</code>}
          </span>
        </div>
      ))}
    </div>
  );
}
