// What a thing is called, one chip for each tag.
import type { ThingTag } from '../../../lib/api';
import { useLanguage } from '../../../lib/i18n';
import { half } from '../../../lib/labels';
import { Badge } from '../../../ui/bits';
import { tagOf, valueText } from '../logic/things';

export function Called({ values, tags }: { values: { [tag: string]: string }; tags: ThingTag[] | undefined }) {
  const lang = useLanguage();
  const all = Object.entries(values);
  if (all.length === 0) return <span className="dim">–</span>;
  return (
    <span className="row wrap" style={{ gap: 4 }}>
      {all.map(([name, value]) => {
        const tag = tagOf(tags, name);
        return (
          <span key={name} title={tag ? half(tag.title, lang) : name}>
            <Badge>{valueText(value, tag?.rule, lang)}</Badge>
          </span>
        );
      })}
    </span>
  );
}
