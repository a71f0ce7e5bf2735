// The demo's inbox: what would have left.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Input } from 'antd';
import { useState } from 'react';
import { call } from '../../../lib/api';
import { useDebounced } from '../../../lib/hooks';
import { useWords } from '../../../lib/i18n';
import { useUrlState } from '../../../lib/use-url-state';
import { Ago, Empty } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Answered } from '../../../ui/feedback';
import { MessageView } from '../../../ui/message-view';
import { Page, Panel } from '../../../ui/page';
import { common } from '../../../ui/words';
import { lw } from '../words';

export default function InboxPage() {
  const w = useWords(lw);
  const c = useWords(common);
  const [url, setUrl] = useUrlState({ message: '' });
  const [text, setText] = useState('');
  const q = useDebounced(text, 250);
  const list = useInfiniteQuery({
    queryKey: ['sink', 'list', q],
    queryFn: ({ pageParam, signal }) => call('GET /sink/messages', { query: { q, cursor: pageParam, limit: 40 }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: 5000,
  });
  return (
    <Page title={w('inbox')} sub={w('inbox_sub')}>
      <div className={url.message ? 'cols side-left picked' : 'cols side-left'}>
        <div>
          <div className="list-tools">
            <Input allowClear value={text} onChange={(e) => setText(e.target.value)} placeholder={w('inbox_search')} aria-label={w('inbox_search')} />
          </div>
          <Answered of={list}>
            {(data) => {
              const messages = data.pages.flatMap((page) => page.items);
              if (messages.length === 0) return <Empty title={w('inbox_empty')} text={w('inbox_empty_text')} />;
              return (
                <ul className="panel">
                  {messages.map((one) => (
                    <li key={one.id}>
                      <button type="button" className="live-line" style={{ display: 'block', background: one.id === url.message ? 'var(--accent-soft)' : undefined }} aria-pressed={one.id === url.message} onClick={() => setUrl({ message: one.id })}>
                        <span className="row">
                          <span className="grow cut" style={{ fontWeight: 500 }}>{one.subject || '–'}</span>
                          <span className="dim small"><Ago at={one.at} /></span>
                        </span>
                        <span className="dim small cut" style={{ display: 'block' }}>{one.to}</span>
                      </button>
                    </li>
                  ))}
                </ul>
              );
            }}
          </Answered>
          {list.hasNextPage && (
            <div className="list-foot">
              <Button size="small" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                {c('more')}
              </Button>
            </div>
          )}
        </div>
        {url.message ? (
          <div>
            <div className="narrow-only" style={{ marginBottom: 10 }}>
              <Button onClick={() => setUrl({ message: '' })}>{w('inbox_back')}</Button>
            </div>
            <Message id={url.message} />
          </div>
        ) : (
          <div className="wide-only-block">
            <Empty title={w('inbox_pick')} />
          </div>
        )}
      </div>
    </Page>
  );
}

function Message({ id }: { id: string }) {
  const w = useWords(lw);
  const asked = useQuery({ queryKey: ['sink', 'one', id], queryFn: () => call('GET /sink/messages/{id}', { path: { id } }) });
  return (
    <Answered of={asked}>
      {(one) => {
        const headers = Array.isArray(one.headers) ? one.headers : Object.entries(one.headers ?? {});
        return (
          <div className="stack">
            <Panel>
              <dl className="facts">
                <dt>{w('from_who')}</dt>
                <dd>{one.from}</dd>
                <dt>{w('to')}</dt>
                <dd>{one.to}</dd>
                <dt>{w('at')}</dt>
                <dd><Ago at={one.at} /></dd>
              </dl>
            </Panel>
            <MessageView channel={one.html ? 'email' : /^\+?\d+$/.test(one.to) ? 'sms' : 'email'} message={one} title={one.subject} height={620} />
            {headers.length > 0 && (
              <details>
                <summary className="soft">{w('headers')}</summary>
                <pre className="code" tabIndex={0}>{headers.map(([name, value]) => `${name}: ${value}`).join('\n')}</pre>
              </details>
            )}
          </div>
        );
      }}
    </Answered>
  );
}
