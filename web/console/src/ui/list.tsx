// The list pattern: search, filters, columns that are kept, paging by cursor, and an empty state that says why.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Checkbox, Input, Popover } from 'antd';
import { Columns3, Search } from 'lucide-react';
import { type MouseEvent, type ReactNode, useEffect, useState } from 'react';
import type { Page as PageOf } from '../lib/api';
import { number } from '../lib/format';
import { useDebounced } from '../lib/hooks';
import { useLanguage, useWords } from '../lib/i18n';
import { useKept } from '../lib/prefs';
import { Empty } from './bits';
import { Button } from './button';
import { ProblemView, Skeleton } from './feedback';
import { useGo } from './go';
import { common } from './words';

export type Column<T> = {
  id: string;
  title: string;
  render: (row: T) => ReactNode;
  end?: boolean;
  width?: number | string;
  /** Hidden until chosen. */
  optional?: boolean;
  /** Always there. */
  fixed?: boolean;
  phone?: boolean;
};

type ListProps<T> = {
  id: string;
  label: string;
  ask: { key: readonly unknown[]; fetch: (cursor: string | undefined, signal: AbortSignal) => Promise<PageOf<T>>; refetchInterval?: number };
  columns: Column<T>[];
  rowKey: (row: T) => string;
  rowTo?: (row: T) => string;
  search?: { value: string; onChange: (text: string) => void; placeholder: string };
  filters?: ReactNode;
  /** Is anything filtered? Then emptiness is explained by it. */
  filtered?: boolean;
  onClear?: () => void;
  empty: { title: string; text?: ReactNode; action?: ReactNode };
  tools?: ReactNode;
};

export function List<T>({ id, label, ask, columns, rowKey, rowTo, search, filters, filtered, onClear, empty, tools }: ListProps<T>) {
  const w = useWords(common);
  const lang = useLanguage();
  const go = useGo();
  const [hidden, setHidden] = useKept<string[]>(`columns.${id}`, columns.filter((c) => c.optional).map((c) => c.id));
  const list = useInfiniteQuery({
    queryKey: ask.key,
    queryFn: ({ pageParam, signal }) => ask.fetch(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: ask.refetchInterval,
    placeholderData: (previous) => previous,
  });
  const shown = columns.filter((column) => column.fixed || !hidden.includes(column.id));
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const choosable = columns.filter((column) => !column.fixed);

  const open = (row: T) => (event: MouseEvent) => {
    if (!rowTo || (event.target as HTMLElement).closest('a,button,input,label')) return;
    if (window.getSelection()?.toString()) return;
    go(rowTo(row));
  };

  return (
    <div>
      {(search || filters || tools || choosable.length > 2) && (
        <div className="list-tools">
          {search && <SearchBox {...search} />}
          {filters}
          <span className="grow" />
          {tools}
          {choosable.length > 2 && (
            <Popover
              trigger="click"
              placement="bottomRight"
              content={
                <div className="stack tight">
                  {choosable.map((column) => (
                    <Checkbox
                      key={column.id}
                      checked={!hidden.includes(column.id)}
                      onChange={(event) => setHidden(event.target.checked ? hidden.filter((h) => h !== column.id) : [...hidden, column.id])}
                    >
                      {column.title}
                    </Checkbox>
                  ))}
                </div>
              }
            >
              <Button icon={<Columns3 size={14} />} className="wide-only-block">
                {w('columns')}
              </Button>
            </Popover>
          )}
        </div>
      )}
      {list.error && !list.data ? (
        <ProblemView error={list.error} retry={() => void list.refetch()} />
      ) : !list.data ? (
        <Skeleton lines={8} />
      ) : rows.length === 0 ? (
        filtered ? (
          <Empty title={w('filtered_empty')} text={w('filtered_why')} action={onClear && <Button onClick={onClear}>{w('clear_filters')}</Button>} />
        ) : (
          <Empty {...empty} />
        )
      ) : (
        <>
          <div className="table-wrap" style={{ opacity: list.isPlaceholderData ? 0.6 : 1 }}>
            <table className="table cards" aria-label={label}>
              <thead>
                <tr>
                  {shown.map((column) => (
                    <th key={column.id} scope="col" className={column.end ? 'end' : undefined} style={{ width: column.width }}>
                      {column.title}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={rowKey(row)} className={rowTo ? 'go' : undefined} onClick={open(row)}>
                    {shown.map((column) => (
                      <td key={column.id} data-label={column.title} className={[column.end ? 'end' : '', column.phone === false ? 'no-phone' : ''].join(' ').trim() || undefined}>
                        {column.render(row)}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <div className="list-foot">
            <span>{list.hasNextPage ? w('rows_shown', { n: number(rows.length, lang) }) : w('rows_all', { n: number(rows.length, lang) })}</span>
            {list.hasNextPage && (
              <Button size="small" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                {w('more')}
              </Button>
            )}
          </div>
        </>
      )}
    </div>
  );
}

/** A search field that says what was typed once it has settled. */
export function SearchBox({ value, onChange, placeholder }: { value: string; onChange: (text: string) => void; placeholder: string }) {
  const [text, setText] = useState(value);
  const settled = useDebounced(text, 250);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (settled !== value) onChange(settled);
    // Only what was typed and has settled goes out; the value coming back must not.
  }, [settled]);
  return <Input className="search" allowClear prefix={<Search size={14} className="dim" aria-hidden />} value={text} onChange={(event) => setText(event.target.value)} placeholder={placeholder} aria-label={placeholder} />;
}

/** A plain table for answers that come whole. */
export function Table<T>({ label, columns, rows, rowKey, cards = true }: { label: string; columns: Column<T>[]; rows: T[]; rowKey: (row: T, i: number) => string; cards?: boolean }) {
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label={label}>
      <table className={cards ? 'table cards' : 'table'}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" className={column.end ? 'end' : undefined} style={{ width: column.width }}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={rowKey(row, i)}>
              {columns.map((column) => (
                <td key={column.id} data-label={column.title} className={[column.end ? 'end' : '', column.phone === false ? 'no-phone' : ''].join(' ').trim() || undefined}>
                  {column.render(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
