// Two to six segments against each other: every combination of them, and pair by pair.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useState } from 'react';
import { type Overlap, call } from '../../../lib/api';
import { number, percent } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { useMay } from '../../../lib/session';
import { useFacts } from '../../../lib/use-facts';
import { useUrlState } from '../../../lib/use-url-state';
import { Ago, Empty } from '../../../ui/bits';
import { Answered } from '../../../ui/feedback';
import { MakeSegment, type Making } from '../../../ui/make-segment';
import { Page, Panel } from '../../../ui/page';
import { inAny, regionCondition } from '../logic/combine';
import { Pairs } from '../parts/pairs';
import { Sizes, Upset, useRegionText } from '../parts/upset';
import '../segments.css';
import { seg } from '../words';

const MOST = 6;

export default function OverlapPage() {
  const w = useWords(seg);
  const lang = useLanguage();
  const { segments } = useFacts();
  const [url, setUrl] = useUrlState({ ids: '' });
  const ids = [...new Set(url.ids.split(',').filter(Boolean))].slice(0, MOST);
  const able = ids.length >= 2;
  const asked = useQuery({ queryKey: ['segments', 'overlap', ids], enabled: able, placeholderData: keepPreviousData, queryFn: ({ signal }) => call('POST /segments:overlap', { body: { segments: ids }, signal }) });
  return (
    <Page title={w('overlap')} sub={w('overlap_sub')} back={{ to: paths.segments, label: w('title') }}>
      <div className="stack loose">
        <Select
          mode="multiple"
          aria-label={w('overlap_pick')}
          placeholder={w('overlap_pick')}
          value={ids}
          maxCount={MOST}
          style={{ width: '100%', maxWidth: 900 }}
          showSearch={{ optionFilterProp: 'label' }}
          onChange={(next: string[]) => setUrl({ ids: next.join(',') })}
          options={segments.map((one) => ({ value: one.id, label: one.name, count: one.count }))}
          optionRender={(option) => (
            <span className="row" style={{ justifyContent: 'space-between', gap: 18 }}>
              <span className="cut">{option.label}</span>
              {option.data.count !== undefined && <span className="dim small num">{number(option.data.count, lang)}</span>}
            </span>
          )}
        />
        {!able ? (
          <Empty title={w('overlap_empty')} text={w('overlap_empty_text')} />
        ) : (
          <Answered of={asked} lines={10}>
            {(overlap) => (inAny(overlap) === 0 ? <Empty title={w('overlap_nobody')} /> : <View of={overlap} />)}
          </Answered>
        )}
      </div>
    </Page>
  );
}

function View({ of }: { of: Overlap }) {
  const w = useWords(seg);
  const lang = useLanguage();
  const able = useMay()('segments:write');
  const text = useRegionText(of);
  const [making, setMaking] = useState<Making | null>(null);
  return (
    <>
      <Panel title={w('sizes')} extra={<span className="dim small">{w('as_of')} <Ago at={of.as_of} /></span>}>
        <Sizes of={of} />
      </Panel>
      <Panel title={w('regions')} extra={<span className="dim small">{w('regions_total', { n: number(inAny(of), lang), share: percent(of.people > 0 ? inAny(of) / of.people : 0, lang, 0) })}</span>}>
        <Upset of={of} onPick={able ? (region) => setMaking({ name: region.in.length > 1 ? text(region).inside : text(region).short, condition: regionCondition(region, of.sizes.map((one) => one.id)) }) : undefined} />
      </Panel>
      <Panel title={w('pairs')} flush>
        <Pairs of={of} />
      </Panel>
      <MakeSegment of={making} onClose={() => setMaking(null)} />
    </>
  );
}
