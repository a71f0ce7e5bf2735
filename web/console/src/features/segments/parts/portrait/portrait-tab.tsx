// The portraits of a segment: draw one, see how far it is, stop it, look at earlier ones.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { ScanFace } from 'lucide-react';
import { type PortraitLine, Problem, type Segment, call } from '../../../../lib/api';
import { dateTime } from '../../../../lib/format';
import { useLanguage, useWords } from '../../../../lib/i18n';
import { queries } from '../../../../lib/query';
import { Empty, StateBadge } from '../../../../ui/bits';
import { Button } from '../../../../ui/button';
import { Answered, ProblemView, useProblemText } from '../../../../ui/feedback';
import { LongWork } from '../../../../ui/long-work';
import { pw } from '../../portrait-words';
import { SegmentSelect } from '../segment-select';
import { PortraitView } from './portrait-view';

type Props = { segment: Segment; able: boolean; shown: string; against: string; onShow: (id: string) => void; onAgainst: (id: string) => void };
const refresh = () => queries.invalidateQueries({ queryKey: ['portraits'] });

export function PortraitTab({ segment, able, shown, against, onShow, onAgainst }: Props) {
  const w = useWords(pw);
  const lang = useLanguage();
  const list = useQuery({ queryKey: ['portraits', 'of', segment.id], queryFn: () => call('GET /portraits', { query: { segment: segment.id, limit: 50 } }).then((page) => page.items), refetchInterval: (query) => (query.state.data?.some((one) => one.state === 'running') ? 1_000 : false) });
  const start = useMutation({
    mutationFn: () => call('POST /segments:portrait', { body: { segment: segment.id, ...(against ? { against } : {}) } }),
    onSuccess: (made) => {
      onShow(made.id);
      void refresh();
    },
  });
  const named = (one: PortraitLine) => w('line', { time: dateTime(one.started_at, lang), against: one.against_name ?? w('everybody_else') });
  // Drawing changes nothing: who may see the segment may draw it.
  const controls = segment.state === 'active' && segment.count > 0 && (
    <>
      <div className="row" style={{ width: 320, maxWidth: '100%' }}>
        <span className="soft nowrap">{w('against')}</span>
        <SegmentSelect label={w('against')} value={against} except={segment.id} first={{ value: '', label: w('everybody_else') }} onChange={onAgainst} />
      </div>
      <Button type="primary" icon={<ScanFace size={14} />} loading={start.isPending} onClick={() => start.mutate()}>{w(list.data?.length ? 'anew' : 'start')}</Button>
    </>
  );
  return (
    <Answered of={list} lines={10}>
      {(items) => {
        const running = items.find((one) => one.state === 'running');
        const chosen = items.find((one) => one.id === shown) ?? running ?? items.find((one) => one.state === 'done') ?? items[0];
        const id = chosen?.id ?? shown;
        if (!id) {
          return (
            <div className="stack">
              {start.error && <ProblemView error={start.error} />}
              <Empty title={w('empty')} text={segment.count > 0 ? w('empty_text') : w('nobody')} action={controls && <div className="row wrap" style={{ justifyContent: 'center' }}>{controls}</div>} />
            </div>
          );
        }
        return (
          <div className="stack">
            <div className="list-tools" style={{ marginBottom: 0 }}>
              <Select
                aria-label={w('which')}
                value={id}
                popupMatchSelectWidth={false}
                style={{ maxWidth: '100%' }}
                onChange={onShow}
                options={items.map((one) => ({ value: one.id, label: named(one), state: one.state }))}
                optionRender={(option) => (
                  <span className="row" style={{ justifyContent: 'space-between', gap: 18 }}>
                    <span>{option.label}</span>
                    {option.data.state !== 'done' && <StateBadge state={String(option.data.state)} />}
                  </span>
                )}
              />
              <span className="grow" />
              {!running && controls}
            </div>
            {start.error && <ProblemView error={start.error} />}
            <OnePortrait key={id} id={id} segment={segment} able={able} />
          </div>
        );
      }}
    </Answered>
  );
}

/** The code of what went wrong, in words where there are some. */
function FailedWhy({ code }: { code: string }) {
  const text = useProblemText();
  return <>{text(new Problem(code, 500, ''))} <code className="break small">{code}</code></>;
}

function OnePortrait({ id, segment, able }: { id: string; segment: Segment; able: boolean }) {
  const w = useWords(pw);
  const asked = useQuery({
    queryKey: ['portraits', 'one', id],
    queryFn: async () => {
      const portrait = await call('GET /portraits/{id}', { path: { id } });
      // The list beside it must know, too, that it has ended.
      if (portrait.state !== 'running') void queries.invalidateQueries({ queryKey: ['portraits', 'of', segment.id] });
      return portrait;
    },
    refetchInterval: (query) => (query.state.data?.state === 'running' ? 1_000 : false),
  });
  const cancel = useMutation({ mutationFn: () => call('POST /portraits/{id}:cancel', { path: { id } }), onSuccess: () => void refresh() });
  return (
    <Answered of={asked} lines={12}>
      {(portrait) => {
        if (portrait.state === 'running') {
          const { progress } = portrait;
          return (
            <div className="panel" style={{ maxWidth: 560 }}>
              <div className="body stack" style={{ paddingTop: 14 }}>
                <p>{w(progress?.stage ?? 'reading')}</p>
                <LongWork label={w(progress?.stage ?? 'reading')} done={progress?.done ?? 0} total={progress?.total ?? null} onCancel={() => cancel.mutate()} cancelling={cancel.isPending} />
                {cancel.error && <ProblemView error={cancel.error} />}
              </div>
            </div>
          );
        }
        if (portrait.state !== 'done' || !portrait.result) {
          return (
            <div className="note-box warn" role="status">
              <strong>{w(portrait.state === 'cancelled' ? 'cancelled' : 'failed')}</strong>
              {portrait.error && portrait.state === 'failed' && <div><FailedWhy code={portrait.error} /></div>}
            </div>
          );
        }
        return <PortraitView of={portrait} result={portrait.result} segment={segment} able={able} />;
      }}
    </Answered>
  );
}
