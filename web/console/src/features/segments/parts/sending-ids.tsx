// Ids on their way into a list or out of it: progress, a stop, and afterwards what happened.
import { useEffect, useRef, useState } from 'react';
import { Download } from 'lucide-react';
import { call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { queries } from '../../../lib/query';
import { Figure } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { saveCsv } from '../../../ui/csv';
import { ProblemView } from '../../../ui/feedback';
import { LongWork } from '../../../ui/long-work';
import { type Sent, nothingSent, sendIds } from '../logic/send-ids';
import type { Change } from '../logic/types';
import { seg } from '../words';
import type { ChosenIds } from './ids-source';

export type Work = { state: 'running' | 'done' | 'stopped' | 'failed'; sent: Sent; startedAt: string; error?: unknown; goOn?: () => void };

/** Sends ids into a list; leaving the page stops it between two pieces. */
export function useSendIds(): { work: Work | null; start: (list: string, change: Change, chosen: ChosenIds) => void; stop: () => void; reset: () => void } {
  const [work, setWork] = useState<Work | null>(null);
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);

  const run = (list: string, change: Change, chosen: ChosenIds, before: Sent) => {
    const stop = new AbortController();
    controller.current = stop;
    const startedAt = new Date().toISOString();
    let sent = before;
    const told = (piece: Sent) => {
      sent = { done: before.done + piece.done, total: before.total, changed: before.changed + piece.changed, unchanged: before.unchanged + piece.unchanged, unknown: before.unknown + piece.unknown, unknownIds: [...before.unknownIds, ...piece.unknownIds] };
      setWork({ state: 'running', sent, startedAt });
    };
    setWork({ state: 'running', sent, startedAt });
    const left = chosen.ids.slice(before.done);
    void sendIds(left, (ids, signal) => call(`POST /segments/{id}/members:${change}`, { path: { id: list }, body: { id_type: chosen.idType, ids }, signal }), told, stop.signal)
      .then(
        () => setWork({ state: 'done', sent, startedAt }),
        (error: unknown) => {
          const goOn = () => run(list, change, chosen, sent);
          setWork(stop.signal.aborted ? { state: 'stopped', sent, startedAt, goOn } : { state: 'failed', sent, startedAt, error, goOn });
        },
      )
      .finally(() => {
        const refresh = () => void queries.invalidateQueries({ queryKey: ['segments'] });
        refresh();
        // Members change a moment after the answer.
        setTimeout(refresh, 1_500);
      });
  };
  return { work, start: (list, change, chosen) => run(list, change, chosen, nothingSent(chosen.ids.length)), stop: () => controller.current?.abort(), reset: () => setWork(null) };
}

export function SendingIds({ work, change, onStop, name }: { work: Work; change: Change; onStop: () => void; name: string }) {
  const w = useWords(seg);
  const lang = useLanguage();
  const { sent, state } = work;
  return (
    <div className="stack">
      {state === 'running' && (
        <>
          <p className="soft">{w('sending_ids')}</p>
          <LongWork label={w('sending_ids')} done={sent.done} total={sent.total} startedAt={work.startedAt} onCancel={onStop} />
        </>
      )}
      {state === 'done' && <div className="note-box good" role="status">{w('sent_done')}</div>}
      {(state === 'stopped' || state === 'failed') && (
        <div className="note-box warn row wrap" role="status">
          <span className="grow">{w(`sent_${state}`, { done: number(sent.done, lang), total: number(sent.total, lang) })}</span>
          <Button size="small" onClick={work.goOn}>{w('go_on')}</Button>
        </div>
      )}
      {work.error !== undefined && <ProblemView error={work.error} />}
      <div className="figures">
        <Figure label={w(change === 'add' ? 'r_added' : 'r_removed')} value={number(sent.changed, lang)} />
        <Figure label={w(change === 'add' ? 'r_were_in' : 'r_were_out')} value={number(sent.unchanged, lang)} />
        <Figure label={w('r_unknown')} value={number(sent.unknown, lang)} note={sent.unknown > 0 ? w('r_unknown_note') : undefined} />
      </div>
      {state !== 'running' && sent.unknownIds.length > 0 && (
        <div>
          <Button icon={<Download size={14} />} onClick={() => saveCsv(`${name} ${w('r_unknown')}`, [[w('r_unknown')], ...sent.unknownIds.map((id) => [id])])}>
            {w('download_unknown')}
          </Button>
        </div>
      )}
    </div>
  );
}
