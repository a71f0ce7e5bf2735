// Shares over a short row of times, each twice: theirs, and beside it the others'.
import type { ReactNode } from 'react';
import type { Shares } from '../../../../lib/api/portraits';
import { percent } from '../../../../lib/format';
import { useLanguage, useWords } from '../../../../lib/i18n';
import { pw } from '../../portrait-words';

type Props = { title: string; head: string; note: ReactNode; summary: string; restName: string; columns: (Shares & { label: string; tick: string })[] };

export function Columns({ title, head, note, summary, restName, columns }: Props) {
  const w = useWords(pw);
  const lang = useLanguage();
  const top = Math.max(...columns.flatMap((one) => [one.share, one.rest_share]), 0.0001);
  return (
    <figure className="stack tight">
      <figcaption className="row wrap" style={{ gap: '0 10px' }}><b style={{ fontWeight: 500 }}>{title}</b><span className="soft small">{note}</span></figcaption>
      <div className="columns" role="img" aria-label={`${title}. ${summary}`}>
        {columns.map((one) => (
          <span key={one.label} title={`${one.label} · ${percent(one.share, lang)} / ${restName} ${percent(one.rest_share, lang)}`}>
            <span className="pair"><i style={{ height: `${(100 * one.share) / top}%` }} /><i className="others" style={{ height: `${(100 * one.rest_share) / top}%` }} /></span>
            <span className="tick dim">{one.tick}</span>
          </span>
        ))}
      </div>
      <div className="sr">
        <table>
          <caption>{title}</caption>
          <thead><tr><th scope="col">{head}</th><th scope="col">{w('them')}</th><th scope="col">{restName}</th></tr></thead>
          <tbody>{columns.map((one) => <tr key={one.label}><td>{one.label}</td><td>{percent(one.share, lang)}</td><td>{percent(one.rest_share, lang)}</td></tr>)}</tbody>
        </table>
      </div>
    </figure>
  );
}
