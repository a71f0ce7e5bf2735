// One message: its steps and what was in it.
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { call } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useJourneyName, useTemplateName } from '../../../lib/names';
import { paths } from '../../../lib/paths';
import { channelLabel, purposeLabel, reasonLabel, whatLabel } from '../../../lib/vocabulary';
import { At, StateBadge } from '../../../ui/bits';
import { Answered } from '../../../ui/feedback';
import { Go } from '../../../ui/go';
import { MessageView } from '../../../ui/message-view';
import { ObjectPage, Panel } from '../../../ui/page';
import { lw } from '../words';

export default function DeliveryPage() {
  const w = useWords(lw);
  const lang = useLanguage();
  const { id } = useParams({ strict: false }) as { id: string };
  const asked = useQuery({ queryKey: ['deliveries', 'one', id], queryFn: () => call('GET /deliveries/{id}', { path: { id } }) });
  const one = asked.data;
  const templateName = useTemplateName();
  const journeyName = useJourneyName();
  return (
    <ObjectPage title={one ? templateName(one.template) : w('delivery')} back={{ to: paths.ledger, label: w('title') }} badge={one && <StateBadge state={one.state} />} sub={one ? `${channelLabel(one.channel, lang)} → ${one.to}` : undefined}>
      <Answered of={asked} lines={10}>
        {(data) => (
          <div className="cols side-left">
            <div className="stack">
              {data.reason && (
                <div className={data.state === 'sent' ? 'note-box' : 'note-box warn'}>
                  <strong>
                    {w('because')}: {reasonLabel(data.reason, lang)}
                  </strong>
                  {data.state === 'unknown' && <p className="small">{w('unknown_help')}</p>}
                </div>
              )}
              <Panel>
                <dl className="facts">
                  <dt>{w('person')}</dt>
                  <dd>
                    <Go to={paths.person(data.person)}>{data.person_name || data.person}</Go>
                  </dd>
                  <dt>{w('journey')}</dt>
                  <dd>{data.journey ? <Go to={paths.journey(data.journey)} search={{ tab: 'people', person: data.person }}>{journeyName(data.journey)}</Go> : '–'}</dd>
                  <dt>{w('template')}</dt>
                  <dd>
                    <Go to={paths.template(data.template)}>{templateName(data.template)}</Go>
                  </dd>
                  <dt>{w('purpose')}</dt>
                  <dd>{purposeLabel(data.purpose, lang)}</dd>
                  {data.attempts > 1 && (
                    <>
                      <dt>{w('attempts')}</dt>
                      <dd>{data.attempts}</dd>
                    </>
                  )}
                  {data.due && !data.sent_at && (
                    <>
                      <dt>{w('due')}</dt>
                      <dd><At at={data.due} seconds /></dd>
                    </>
                  )}
                  <dt>{w('id')}</dt>
                  <dd>
                    <code>{data.id}</code>
                  </dd>
                </dl>
              </Panel>
              <Panel title={w('steps')}>
                <ol>
                  {data.steps.map((step, i) => (
                    <li key={i} style={{ padding: '5px 0', borderBottom: '1px solid var(--line-soft)' }}>
                      <div className="row">
                        <span className="grow">{whatLabel(step.what, lang)}</span>
                        <span className="dim small num">
                          <At at={step.at} seconds />
                        </span>
                      </div>
                      {step.reason && <div className="small soft">{reasonLabel(step.reason, lang)}</div>}
                    </li>
                  ))}
                </ol>
              </Panel>
            </div>
            <Panel title={w('rendered')}>{data.preview ? <MessageView channel={data.channel} message={data.preview} title={w('rendered')} /> : <p className="dim">{w('no_preview')}</p>}</Panel>
          </div>
        )}
      </Answered>
    </ObjectPage>
  );
}
