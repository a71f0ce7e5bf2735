// Before people are written to: exactly how many, to whom, by which channels, after which checks.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Check, TriangleAlert } from 'lucide-react';
import { type Journey, type Plan, Problem, call } from '../../../lib/api';
import { number, percent } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useMay } from '../../../lib/session';
import { channelLabel } from '../../../lib/vocabulary';
import { stepText } from '../../../ui/condition-builder';
import { Danger } from '../../../ui/danger';
import { Answered } from '../../../ui/feedback';
import { common } from '../../../ui/words';
import { channelsOf, controlShare } from '../logic/plan';
import type { CardNames } from './node-card';
import { jw } from '../words';

/** Above this many the number itself must be typed. */
const TYPED_ABOVE = 500;

export function PublishDialog({ journey, plan, names, open, onClose, onDone, onRefused }: { journey: Journey; plan: Plan; names: CardNames; open: boolean; onClose: () => void; onDone: (journey: Journey) => void; onRefused: (problem: Problem) => void }) {
  const w = useWords(jw);
  const c = useWords(common);
  const lang = useLanguage();
  const segment = 'segment' in plan.entry ? plan.entry.segment : null;
  const present = 'segment' in plan.entry && plan.entry.include_present === true;
  // The server reads the draft it has kept; the dialog opens only once that is the one on the screen.
  const counted = useQuery({ queryKey: ['journeys', journey.id, 'estimate', segment], enabled: open && !!segment && present, staleTime: 0, gcTime: 0, queryFn: () => call('POST /journeys/{id}:estimate', { path: { id: journey.id } }) });
  const may = useMay();
  const sending = useQuery({ queryKey: ['settings', 'sending'], enabled: open && may('channels:read'), staleTime: 10_000, queryFn: () => call('GET /settings/sending') });
  const publish = useMutation({
    mutationFn: () => call('POST /journeys/{id}:publish', { path: { id: journey.id } }),
    onSuccess: onDone,
    onError: (error) => error instanceof Problem && Object.keys(error.fields).length > 0 && onRefused(error),
  });
  const n = present ? counted.data?.would_enter_now : 0;
  const unserved = channelsOf(plan).filter((one) => sending.data && !sending.data.providers[one]);
  const share = controlShare(plan);
  const quoted = (name: string) => (lang === 'zh' ? `「${name}」` : `“${name}”`);
  const name = segment ? quoted(names.segment(segment) ?? segment) : '';
  const channels = channelsOf(plan).map((one) => channelLabel(one, lang));
  return (
    <Danger open={open} kind="primary" title={w('publish_title', { name: journey.name })} confirm={w(journey.published ? 'publish_changes' : 'publish')} typed={n !== undefined && n > TYPED_ABOVE ? n : undefined} blocked={present && n === undefined} busy={publish.isPending} error={publish.error} onConfirm={() => publish.mutate()} onClose={onClose} width={540}>
      {'event' in plan.entry ? (
        <p>{w('publish_now_event', { what: stepText(plan.entry.event, lang) })}</p>
      ) : !present ? (
        <p>{w('publish_now_segment_later', { name })}</p>
      ) : (
        <Answered of={counted} lines={2}>
          {(answer) => (
            <div>
              <div className="dim small">{w('publish_now')}</div>
              <div style={{ fontSize: 28, fontWeight: 600 }} data-testid="publish-count">
                {c('people_count', { n: number(answer.would_enter_now, lang) })}
              </div>
              <p className="soft">{w('publish_present', { name })}</p>
              {answer.would_enter_now < answer.members && <p className="soft">{w('publish_again')}</p>}
              {share > 0 && <p className="soft">{w('publish_control', { n: number(Math.round(answer.would_enter_now * share), lang), share: percent(share, lang, 0) })}</p>}
            </div>
          )}
        </Answered>
      )}
      <ul className="stack tight small soft">
        {channels.length > 0 && (
          <Line>{w('publish_channels', { list: channels.join(lang === 'zh' ? '、' : ', ') })}</Line>
        )}
        {unserved.length > 0 && <Line warn>{w('publish_no_provider', { list: unserved.map((one) => channelLabel(one, lang)).join(lang === 'zh' ? '、' : ', ') })}</Line>}
        <Line>{w('publish_gate')}</Line>
        {journey.published && <Line>{w('publish_running')}</Line>}
        {share === 0 && channels.length > 0 && <Line warn>{w('publish_no_control')}</Line>}
        {!plan.goal && <Line warn>{w('publish_no_goal')}</Line>}
      </ul>
    </Danger>
  );
}

function Line({ children, warn }: { children: string; warn?: boolean }) {
  return (
    <li className="row top">
      {warn ? <TriangleAlert size={14} color="var(--warn)" aria-hidden className="svg" style={{ marginTop: 3 }} /> : <Check size={14} color="var(--good)" aria-hidden className="svg" style={{ marginTop: 3 }} />}
      <span>{children}</span>
    </li>
  );
}
