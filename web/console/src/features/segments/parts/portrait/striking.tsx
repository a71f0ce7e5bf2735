// What sets them apart most, at one glance: what there is more of, and what there is less of.
import type { PortraitResult, Striking } from '../../../../lib/api/portraits';
import { percent } from '../../../../lib/format';
import { useLanguage, useWords } from '../../../../lib/i18n';
import { nameOf, strikingCondition } from '../../logic/portrait-condition';
import { MAY_BE_CHANCE, niceTop } from '../../logic/strength';
import { pw } from '../../portrait-words';
import { useMaker, usePortrait } from './context';
import { figure } from './feature-text';
import { PairRow } from './pair-row';

const isNumber = (of: Striking): of is Striking & { median: number; rest_median: number } => of.value === null && typeof of.median === 'number' && typeof of.rest_median === 'number';
/** Of a number the effect goes with the medians, or says what they hide when they are equal. */
const isMore = (of: Striking) => of.effect >= 0;

const shares = (of: Striking) => ({ share: of.share ?? 0, rest: of.rest_share ?? 0 });

function useLine(result: PortraitResult) {
  const w = useWords(pw);
  const lang = useLanguage();
  const { text } = usePortrait();
  return (of: Striking) => {
    const title = text.title(of);
    const unit = result.numbers.find((one) => nameOf(one.feature) === nameOf(of.feature))?.unit ?? (of.kind === 'value' ? (result.value?.currency ?? null) : null);
    if (isNumber(of)) return { label: title, note: w('median'), share: of.median, rest: of.rest_median, top: niceTop([of.median, of.rest_median]), text: figure(of.median, unit, lang), restText: figure(of.rest_median, unit, lang) };
    const label = of.value !== null ? w('is', { what: title, value: text.value(of, of.value) }) : of.kind === 'event' ? w('did', { what: title }) : title;
    const { share, rest } = shares(of);
    return { label, share, rest, top: niceTop([share, rest]), text: percent(share, lang), restText: percent(rest, lang) };
  };
}

/** The three first in a sentence. */
export function Lead({ result }: { result: PortraitResult }) {
  const w = useWords(pw);
  const lang = useLanguage();
  const { rest } = usePortrait();
  const line = useLine(result);
  if (result.others === 0) return <p className="portrait-lead">{w('no_others', { rest })}</p>;
  if (result.striking.length === 0) return <p className="portrait-lead">{w('nothing', { rest })}</p>;
  const list = result.striking.slice(0, 3).map((of) => {
    const { label, text, restText } = line(of);
    if (isNumber(of)) return w('lead_median', { what: label, share: text, rest, rest_share: restText });
    // A sentence is read, not compared: whole points, except where nothing would be left.
    const whole = (share: number) => percent(share, lang, share > 0 && share < 0.1 ? 1 : 0);
    return w('lead_share', { what: label, share: whole(shares(of).share), rest, rest_share: whole(shares(of).rest) });
  });
  return <p className="portrait-lead">{w('lead', { list: list.join(lang === 'zh' ? '；' : '; ') })}</p>;
}

export function StrikingPart({ result }: { result: PortraitResult }) {
  const w = useWords(pw);
  const { rest } = usePortrait();
  const more = result.striking.filter(isMore);
  const less = result.striking.filter((one) => !isMore(one));
  return (
    <div className="two">
      <Side title={w('more_often', { rest })} none={w('none_more')} lines={more} result={result} />
      <Side title={w('less_often', { rest })} none={w('none_less')} lines={less} result={result} />
    </div>
  );
}

function Side({ title, none, lines, result }: { title: string; none: string; lines: Striking[]; result: PortraitResult }) {
  const { rest, facts } = usePortrait();
  const line = useLine(result);
  const maker = useMaker();
  return (
    <div>
      <h3 className="h soft" style={{ fontSize: 12, fontWeight: 500 }}>{title}</h3>
      {lines.length === 0 && <p className="dim">{none}</p>}
      <ul aria-label={title}>
        {lines.map((of) => {
          const { label, ...bars } = line(of);
          // A ratio of medians says as much as a lift does.
          const lift = isNumber(of) && of.rest_median > 0 ? of.median / of.rest_median : of.lift;
          const condition = strikingCondition(of, result, { traits: facts.traits, tags: facts.tags });
          return <PairRow key={`${of.kind} ${of.feature} ${of.value}`} {...bars} label={label} lift={lift} restName={rest} isSmall={of.is_small} isChance={of.q_value > MAY_BE_CHANCE} make={maker(label, condition)} />;
        })}
      </ul>
    </div>
  );
}
