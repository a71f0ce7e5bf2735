// SQL over the lake: a plain editor, the rows, and a file to take away.
import { useMutation } from '@tanstack/react-query';
import { Dropdown } from 'antd';
import { Download, Play } from 'lucide-react';
import { useRef } from 'react';
import { type Json, call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useKept } from '../../../lib/prefs';
import { Empty, showValue } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { saveCsv } from '../../../ui/csv';
import { ProblemView } from '../../../ui/feedback';
import { Page } from '../../../ui/page';
import { aw } from '../words';

const EXAMPLES = {
  ex_events: `SELECT name, count(*) AS times, count(DISTINCT person) AS people
FROM events
WHERE ts > now() - INTERVAL '7 days'
GROUP BY name
ORDER BY times DESC`,
  ex_orders: `SELECT date_trunc('day', ts) AS day, count(*) AS orders, sum(prop_num(properties, 'value')) AS value
FROM events
WHERE name = 'purchase'
GROUP BY 1
ORDER BY 1 DESC
LIMIT 30`,
  ex_reasons: `SELECT reason, count(*) AS messages
FROM deliveries
WHERE reason IS NOT NULL
GROUP BY 1
ORDER BY messages DESC`,
};

/** What may be asked, as the server registers it. */
const TABLES = {
  events: ['ts', 'name', 'person', 'user_id', 'anonymous_id', 'source', 'channel', 'properties', 'traits', 'kind', 'received_at', 'event_id'],
  people: ['person', 'first_seen', 'last_seen', 'events', 'traits'],
  identifiers: ['person', 'type', 'value', 'first_seen'],
  memberships: ['person', 'segment', 'since'],
  deliveries: ['message_id', 'person', 'channel', 'template', 'purpose', 'journey', 'node', 'state', 'reason', 'created_at', 'sent_at', 'delivered_at', 'opened_at', 'clicked_at'],
  things: ['type', 'id', 'name', 'state', 'attributes', 'tags', 'events', 'last_seen'],
} as const;

export default function SqlPage() {
  const w = useWords(aw);
  const lang = useLanguage();
  const [sql, setSql] = useKept('sql', EXAMPLES.ex_events);
  const began = useRef(0);
  const took = useRef(0);
  const run = useMutation({
    mutationFn: () => {
      began.current = performance.now();
      return call('POST /query', { body: { sql } }).finally(() => (took.current = performance.now() - began.current));
    },
  });
  const answer = run.data;
  const area = useRef<HTMLTextAreaElement>(null);
  const insert = (text: string) => {
    const from = area.current?.selectionStart ?? sql.length;
    const to = area.current?.selectionEnd ?? from;
    setSql(sql.slice(0, from) + text + sql.slice(to));
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(from + text.length, from + text.length);
    });
  };
  return (
    <Page
      wide
      title={w('sql')}
      sub={w('sql_sub')}
      actions={
        <>
          <Dropdown autoFocus trigger={['click']} menu={{ items: (Object.keys(EXAMPLES) as (keyof typeof EXAMPLES)[]).map((key) => ({ key, label: w(key) })), onClick: ({ key }) => setSql(EXAMPLES[key as 'ex_events']) }}>
            <Button>{w('examples')}</Button>
          </Dropdown>
          <Button type="primary" icon={<Play size={13} />} loading={run.isPending} disabled={!sql.trim()} onClick={() => run.mutate()}>
            {w('run')}
          </Button>
        </>
      }
    >
      <div className="stack">
        <textarea
          ref={area}
          className="code"
          rows={9}
          spellCheck={false}
          aria-label={w('sql_label')}
          value={sql}
          onChange={(event) => setSql(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              run.mutate();
            }
          }}
        />
        <div className="dim small">{w('run_hint')}</div>
        <details className="small" open={!answer && !run.error ? true : undefined}>
          <summary className="soft">{w('tables')}</summary>
          <dl className="facts" style={{ marginTop: 8 }}>
            {(Object.keys(TABLES) as (keyof typeof TABLES)[]).map((table) => (
              <div key={table} style={{ display: 'contents' }}>
                <dt>
                  <code style={{ color: 'var(--ink)' }}>{table}</code>
                  <div>{w(`t_${table}`)}</div>
                </dt>
                <dd className="chips">
                  {TABLES[table].map((column) => (
                    <button key={column} type="button" className="chip" style={{ background: 'none', cursor: 'pointer' }} aria-label={w('insert', { name: column })} onClick={() => insert(column)}>
                      <code>{column}</code>
                    </button>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </details>
        {run.error && <ProblemView error={run.error} kept />}
        {answer && !run.error && (
          <>
            <div className="row wrap">
              <span className="soft">
                {w('rows', { count: answer.rows.length })} <span className="dim">· {w('took', { ms: number(took.current, lang) })}</span>
              </span>
              {answer.truncated && <span style={{ color: 'var(--warn)' }}>{w('truncated')}</span>}
              <span className="grow" />
              <Button size="small" icon={<Download size={13} />} disabled={answer.rows.length === 0} onClick={() => saveCsv('query', [answer.columns.map((one) => one.name), ...answer.rows])}>
                {w('download')}
              </Button>
            </div>
            {answer.rows.length === 0 ? (
              <Empty title={w('no_rows')} />
            ) : (
              <div className="table-wrap panel" tabIndex={0} role="region" aria-label={w('result')} style={{ maxHeight: '56vh', overflow: 'auto' }}>
                <table className="table">
                  <thead>
                    <tr>
                      {answer.columns.map((one, i) => (
                        <th key={i} scope="col" className={isNumber(one.kind) ? 'end' : undefined} title={one.kind}>
                          {one.name}
                        </th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {answer.rows.slice(0, 1000).map((row, i) => (
                      <tr key={i}>
                        {row.map((value: Json, j) => (
                          <td key={j} className={isNumber(answer.columns[j]?.kind ?? '') ? 'end' : undefined}>
                            {value === null ? <span className="dim">null</span> : showValue(value)}
                          </td>
                        ))}
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </>
        )}
      </div>
    </Page>
  );
}

const isNumber = (kind: string) => ['integer', 'number', 'decimal'].includes(kind);
