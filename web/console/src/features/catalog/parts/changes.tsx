// What was told of a thing, newest first: by whom, and what it was before.
import type { ThingChange } from '../../../lib/api';
import { dateTime } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useActorName } from '../../../lib/names';
import { factLabel } from '../../../lib/vocabulary';
import { Badge, Empty } from '../../../ui/bits';
import { showAttribute } from '../logic/things';
import { cw } from '../words';

export function Changes({ changes }: { changes: ThingChange[] }) {
  const w = useWords(cw);
  const lang = useLanguage();
  const actor = useActorName();
  if (changes.length === 0) return <Empty title={w('changes_none')} />;
  const who = (one: ThingChange) => one.by_name ?? (one.by.startsWith('src_') ? w('by_source', { id: one.by }) : actor(one.by));
  return (
    <ol className="thing-changes">
      {changes.map((one, i) => (
        <li key={i}>
          <div className="row wrap">
            <Badge>{w(`how_${one.how}`)}</Badge>
            <span className="soft grow cut">{who(one)}</span>
            <time className="dim small" dateTime={one.at}>{dateTime(one.at, lang)}</time>
          </div>
          {one.fields.map((field) => (
            <div key={field.name} className="small break">
              <span className="soft">{field.name === 'name' ? w('name') : factLabel(field.name, lang)}</span>{' '}
              {field.before !== null && <><del className="dim">{showAttribute(field.before)}</del>{' → '}</>}
              <span>{field.after === null ? '–' : showAttribute(field.after)}</span>
            </div>
          ))}
        </li>
      ))}
    </ol>
  );
}
