// Events that break the tracking plan: why, and back through the front door once that is settled.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Drawer, Select } from 'antd';
import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { type Quarantined, call } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useSourceName } from '../../../lib/names';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { useMay } from '../../../lib/session';
import { useUrlState } from '../../../lib/use-url-state';
import { eventLabel, isTranslated, reasonLabel } from '../../../lib/vocabulary';
import { Ago } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Danger } from '../../../ui/danger';
import { useToast } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { List } from '../../../ui/list';
import { Page } from '../../../ui/page';
import { EventView, Who } from '../parts/event-view';
import { qw } from '../words';

type Which = { positions: number[] } | { all: true };

export default function QuarantinePage() {
  const w = useWords(qw);
  const lang = useLanguage();
  const toast = useToast();
  const sourceName = useSourceName();
  const able = useMay()('quality:write');
  const [url, setUrl] = useUrlState({ q: '', reason: '' });
  const [open, setOpen] = useState<Quarantined | null>(null);
  const [asking, setAsking] = useState(false);
  const reasons = useReasons(url.reason);
  const retry = useMutation({
    mutationFn: (which: Which) => call('POST /quality/quarantine:retry', { body: which }),
    onSuccess: ({ retried }) => {
      toast.done(w('retried', { count: retried }));
      setOpen(null);
      setAsking(false);
      void queries.invalidateQueries({ queryKey: ['quality'] });
      void queries.invalidateQueries({ queryKey: ['outcomes'] });
    },
  });
  const clear = () => setUrl({ q: '', reason: '' });
  return (
    <Page
      title={w('quarantine')}
      sub={w('quarantine_sub')}
      actions={
        able && (
          <Button icon={<RotateCcw size={14} />} onClick={() => setAsking(true)}>
            {w('retry_all')}
          </Button>
        )
      }
    >
      <List
        id="quarantine"
        label={w('quarantine')}
        ask={{ key: ['quality', 'quarantine', url.q, url.reason], fetch: (cursor, signal) => call('GET /quality/quarantine', { query: { q: url.q, reason: url.reason, cursor, limit: 50 }, signal }), refetchInterval: 30_000 }}
        rowKey={(row) => String(row.position)}
        search={{ value: url.q, onChange: (q) => setUrl({ q }), placeholder: w('quarantine_search') }}
        filters={
          <Select
            aria-label={w('reason')}
            value={url.reason}
            onChange={(reason) => setUrl({ reason })}
            style={{ minWidth: 150 }}
            popupMatchSelectWidth={false}
            options={[{ value: '', label: w('any_reason') }, ...reasons.map((one) => ({ value: one, label: reasonLabel(one, lang) }))]}
          />
        }
        filtered={!!(url.q || url.reason)}
        onClear={clear}
        empty={{ title: w('quarantine_empty'), text: w('quarantine_empty_text'), action: <Go to={paths.trackingPlan}>{w('open_plan')}</Go> }}
        columns={[
          {
            id: 'reason',
            title: w('reason'),
            fixed: true,
            render: (row) => (
              <button type="button" className="linkish" style={{ fontWeight: 500 }} onClick={() => setOpen(row)}>
                {reasonLabel(row.reason, lang)}
              </button>
            ),
          },
          { id: 'event', title: w('event'), fixed: true, render: (row) => <EventName name={row.event.name} /> },
          { id: 'who', title: w('person'), fixed: true, render: (row) => <Who of={row.event.identifiers} /> },
          { id: 'source', title: w('source'), fixed: true, render: (row) => <span className="soft">{sourceName(row.event.source)}</span> },
          { id: 'at', title: w('came_at'), fixed: true, end: true, render: (row) => <Ago at={row.event.received_at} /> },
        ]}
      />
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={620} title={open && reasonLabel(open.reason, lang)}>
        {open && <EventView of={open} retry={able ? { busy: retry.isPending, error: retry.error, go: () => retry.mutate({ positions: [open.position] }) } : undefined} />}
      </Drawer>
      <Danger open={asking} kind="primary" title={w('retry_title')} confirm={w('retry_all')} busy={retry.isPending} error={retry.error} onConfirm={() => retry.mutate({ all: true })} onClose={() => setAsking(false)}>
        <p>{w('retry_text')}</p>
        <p className="soft">{w('retry_dry')}</p>
      </Danger>
    </Page>
  );
}

function EventName({ name }: { name: string }) {
  const lang = useLanguage();
  const label = eventLabel(name, lang);
  return (
    <span className="break">
      {label} {isTranslated(name, label) && <code className="dim">{name}</code>}
    </span>
  );
}

/** The reasons there were so far, most frequent first; the one chosen is always among them. */
function useReasons(chosen: string): string[] {
  const asked = useQuery({
    queryKey: ['outcomes', 'reasons'],
    staleTime: 30_000,
    queryFn: async () => {
      const counts = new Map<string, number>();
      for (const one of (await call('GET /outcomes')).items) if (one.outcome === 'quarantined' && one.reason?.startsWith('plan.')) counts.set(one.reason, (counts.get(one.reason) ?? 0) + one.count);
      return [...counts].sort((a, b) => b[1] - a[1]).map(([reason]) => reason);
    },
  });
  const found = asked.data ?? [];
  return chosen && !found.includes(chosen) ? [chosen, ...found] : found;
}
