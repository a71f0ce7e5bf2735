// Who is alike: the groups, what tells each, where they lie, and why there are so many.
import { Input } from 'antd';
import { Pencil } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { Cluster, ClusterFeature, ClustersResult, Model } from '../../../../lib/api/models';
import { number, percent } from '../../../../lib/format';
import { useLanguage, useWords } from '../../../../lib/i18n';
import { featureText } from '../../../../lib/labels';
import { valueLabel } from '../../../../lib/vocabulary';
import { Badge, Figure } from '../../../../ui/bits';
import { Button } from '../../../../ui/button';
import { Table } from '../../../../ui/list';
import { Panel } from '../../../../ui/page';
import { SegmentOf } from '../../../../ui/segment-of';
import { common } from '../../../../ui/words';
import { figure, groupName, steadiness, tellingText, valueCondition } from '../../logic/says';
import { rw } from '../../result-words';
import { Swatch, colourOf, heat } from './colours';
import { GroupMap } from './map';
import { FeatureNotes } from './notes';
import { SmallLine } from './small-line';

const MEASURES = ['silhouette', 'calinski_harabasz', 'davies_bouldin', 'cost'] as const;
const STEADY = { firm: 'good', steady: 'good', loose: 'warn', shaky: 'warn' } as const;

/** `onName` is missing where names cannot be changed: of old runs, and for those who only read. */
export function ClustersView({ model, result, onName }: { model: Model; result: ClustersResult; onName?: (value: string, name: string) => void }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const [lit, setLit] = useState<number | null>(null);
  const { clusters } = result;
  const people = clusters.reduce((sum, one) => sum + one.people, 0);
  const named = model.kind === 'clusters' ? model.settings.names : {};
  const names = clusters.map((one) => named[one.value] || w('group_n', { value: one.value }));
  const dots = useMemo(() => result.map.map((dot) => ({ x: dot.x, y: dot.y, group: clusters.findIndex((one) => one.value === String(dot.cluster)) })).filter((dot) => dot.group >= 0), [result.map, clusters]);
  const toggle = (at: number) => setLit(lit === at ? null : at);
  return (
    <div className="stack loose">
      <div className="figures">
        <Figure label={w('people')} value={number(people, lang)} />
        <Figure label={w('groups')} value={w('groups_n', { n: result.k })} />
        {result.structure && <Figure label={w('structure')} value={w(`structure_${result.structure}`)} note={w(`structure_note_${result.structure}`)} />}
      </div>
      <div className="cluster-cards">
        {clusters.map((one, i) => (
          <ClusterCard key={one.value} cluster={one} model={model} i={i} name={names[i]!} top={Math.max(...clusters.map((other) => other.share))} lit={lit === i} onLight={setLit} onName={onName} />
        ))}
      </div>
      {dots.length > 0 && (
        <Panel title={w('map')}>
          <div className="stack tight">
            <div className="legend">
              {names.map((name, i) => (
                <button key={i} type="button" aria-pressed={lit === i} onClick={() => toggle(i)}><Swatch i={i} />{name}</button>
              ))}
            </div>
            <GroupMap dots={dots} names={names} lit={lit} label={`${w('map')}. ${w('map_summary', { n: dots.length, k: clusters.length })}`} />
            <p className="dim small">{w('map_note', { n: number(dots.length, lang) })}</p>
          </div>
        </Panel>
      )}
      <Profile clusters={clusters} names={names} />
      {result.choice.length > 1 && <Choice result={result} />}
      <FeatureNotes notes={result.feature_notes} />
    </div>
  );
}

type CardProps = { cluster: Cluster; model: Model; i: number; name: string; top: number; lit: boolean; onLight: (i: number | null) => void; onName?: (value: string, name: string) => void };

function ClusterCard({ cluster, model, i, name, top, lit, onLight, onName }: CardProps) {
  const w = useWords(rw);
  const c = useWords(common);
  const lang = useLanguage();
  const [typed, setTyped] = useState<string | null>(null);
  const steady = steadiness(cluster.jaccard);
  const isNamed = model.kind === 'clusters' && !!model.settings.names[cluster.value];
  const keep = () => {
    const next = typed?.trim();
    setTyped(null);
    if (next && next !== name) onName?.(cluster.value, next);
  };
  return (
    <section className={lit ? 'cluster-card lit' : 'cluster-card'} aria-label={name} onMouseEnter={() => onLight(i)} onMouseLeave={() => onLight(null)}>
      <div className="row">
        <Swatch i={i} />
        {typed === null ? (
          <>
            <strong className="cut" title={name}>{name}</strong>
            {onName && <button type="button" className="icon-button" aria-label={w('cluster_rename', { name })} onClick={() => setTyped(name)}><Pencil size={13} aria-hidden /></button>}
          </>
        ) : (
          <>
            <Input size="small" aria-label={w('cluster_name')} value={typed} maxLength={40} autoFocus onChange={(event) => setTyped(event.target.value)} onPressEnter={keep} onKeyDown={(event) => event.key === 'Escape' && setTyped(null)} />
            <Button size="small" type="primary" onClick={keep}>{c('save')}</Button>
          </>
        )}
        <span className="grow" />
        {steady && <span title={w('steady_note', { n: number(cluster.jaccard ?? 0, lang, 2) })}><Badge tone={STEADY[steady]}>{w(`steady_${steady}`)}</Badge></span>}
      </div>
      <div className="row"><b style={{ fontSize: 18 }} className="num">{percent(cluster.share, lang, 0)}</b><span className="soft">{c('people_count', { n: number(cluster.people, lang) })}</span></div>
      <div className="bar" aria-hidden><i style={{ width: `${(100 * cluster.share) / top}%`, background: colourOf(i) }} /></div>
      <ul className="chips">
        {cluster.telling.slice(0, 5).map((one, at) => (
          <li key={at} className="chip">{tellingText(one, lang)}</li>
        ))}
      </ul>
      <footer><SegmentOf condition={valueCondition(model, cluster.value)} name={`${model.title} · ${isNamed ? name : groupName(cluster, lang) || name}`} /></footer>
    </section>
  );
}

/** Every feature by every group: what is usual in it, coloured by how far that is from everybody. */
function Profile({ clusters, names }: { clusters: Cluster[]; names: string[] }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const strength = (feature: string) => Math.max(...clusters.map((one) => Math.abs(effectOf(one.features.find((other) => other.feature === feature)) ?? 0)));
  const features = [...new Set(clusters.flatMap((one) => one.features.map((other) => other.feature)))].map((feature) => ({ feature, strength: strength(feature) })).sort((a, b) => b.strength - a.strength);
  if (features.length === 0) return null;
  return (
    <Panel title={w('profile')}>
      <div className="table-wrap" role="region" tabIndex={0} aria-label={w('profile')}>
        <table className="heat">
          <thead>
            <tr>
              <th scope="col">{w('feature')}</th>
              {names.map((name, i) => <th key={i} scope="col"><span className="row" style={{ justifyContent: 'flex-end', gap: 5 }}><Swatch i={i} />{name}</span></th>)}
              <th scope="col">{w('overall')}</th>
            </tr>
          </thead>
          <tbody>
            {features.map(({ feature }) => {
              const any = clusters.map((one) => one.features.find((other) => other.feature === feature)).find(Boolean);
              return (
                <tr key={feature}>
                  <th scope="row">{featureText(feature, lang)}</th>
                  {clusters.map((one) => {
                    const own = one.features.find((other) => other.feature === feature);
                    return <td key={one.value} style={{ background: heat(effectOf(own)) }}>{own ? <Usual of={own} /> : '–'}</td>;
                  })}
                  <td className="dim">{any?.kind === 'number' ? figure(any.overall_median ?? any.overall_mean ?? 0, lang) : ''}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p className="dim small" style={{ marginTop: 6 }}>{w('profile_note')}</p>
    </Panel>
  );
}

const striking = (of: ClusterFeature) => [...(of.values ?? [])].sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect))[0];
const effectOf = (of: ClusterFeature | undefined): number | null => (of?.kind === 'category' ? striking(of)?.effect : of?.effect) ?? null;

function Usual({ of }: { of: ClusterFeature }) {
  const lang = useLanguage();
  const w = useWords(rw);
  if (of.kind === 'number') return <>{figure(of.median ?? of.mean ?? 0, lang)}</>;
  const value = striking(of);
  if (!value) return <>–</>;
  return (
    <>
      {valueLabel(of.feature, value.value, lang)} · {percent(value.share, lang, 0)}
      <small>{w('overall')} {percent(value.overall_share, lang, 0)}</small>
    </>
  );
}

function Choice({ result }: { result: ClustersResult }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const tried = [...result.choice].sort((a, b) => a.k - b.k);
  return (
    <Panel title={w('choice', { k: result.k })}>
      <div className="stack">
        <p className="soft">{w('choice_note', { from: tried[0]!.k, to: tried[tried.length - 1]!.k, k: result.recommended ?? result.k })}</p>
        <div className="small-lines">
          {MEASURES.map((measure) => (
            <SmallLine key={measure} title={w(`m_${measure}`)} chosen={result.k} say={(value) => figure(value, lang)} points={tried.flatMap((one) => (one[measure] == null ? [] : [{ x: one.k, y: one[measure] }]))} />
          ))}
        </div>
        <details>
          <summary>{w('data')}</summary>
          <Table
            label={w('choice', { k: result.k })}
            cards={false}
            rows={tried}
            rowKey={(row) => String(row.k)}
            columns={[
              { id: 'k', title: w('groups'), render: (row) => <>{row.k === result.k ? <b>{row.k}</b> : row.k}{row.k === result.k && <> <Badge tone="accent">{w('chosen')}</Badge></>}</> },
              ...MEASURES.map((measure) => ({ id: measure, title: w(`m_${measure}`).replace(/[（(].*/, ''), end: true, render: (row: ClustersResult['choice'][number]) => (row[measure] == null ? '–' : figure(row[measure], lang)) })),
              { id: 'smallest', title: w('smallest'), end: true, render: (row) => percent(row.smallest_share, lang) },
              { id: 'votes', title: w('votes'), end: true, render: (row) => row.votes },
            ]}
          />
        </details>
      </div>
    </Panel>
  );
}
