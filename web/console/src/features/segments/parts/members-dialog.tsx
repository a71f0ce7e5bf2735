// Adding people to a list, or taking them out, by their ids.
import { Modal } from 'antd';
import { useEffect, useState } from 'react';
import type { Segment } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { Button } from '../../../ui/button';
import { common } from '../../../ui/words';
import type { Change } from '../logic/types';
import { seg } from '../words';
import { type ChosenIds, IdsSource } from './ids-source';
import { SendingIds, useSendIds } from './sending-ids';

export function MembersDialog({ list, change, onClose }: { list: Segment; change: Change | null; onClose: () => void }) {
  const w = useWords(seg);
  // Work under way is stopped by its own button, and not by a wrong click.
  const [busy, setBusy] = useState(false);
  return (
    <Modal open={change !== null} title={w(change === 'remove' ? 'remove_people' : 'add_people')} onCancel={onClose} footer={null} width={620} destroyOnHidden closable={!busy} keyboard={!busy} mask={{ closable: false }}>
      {change && <Content list={list} change={change} onBusy={setBusy} onClose={onClose} />}
    </Modal>
  );
}

function Content({ list, change, onBusy, onClose }: { list: Segment; change: Change; onBusy: (busy: boolean) => void; onClose: () => void }) {
  const w = useWords(seg);
  const c = useWords(common);
  const lang = useLanguage();
  const [chosen, setChosen] = useState<ChosenIds | null>(null);
  const { work, start, stop } = useSendIds();
  const running = work?.state === 'running';
  useEffect(() => onBusy(running), [running]);
  if (work) {
    return (
      <div className="stack">
        <SendingIds work={work} change={change} onStop={stop} name={list.name} />
        {!running && (
          <div className="row" style={{ justifyContent: 'flex-end' }}>
            <Button type="primary" onClick={onClose}>{c('close')}</Button>
          </div>
        )}
      </div>
    );
  }
  return (
    <div className="stack">
      <IdsSource onChange={setChosen} />
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button onClick={onClose}>{c('cancel')}</Button>
        <Button type="primary" danger={change === 'remove'} disabled={!chosen} onClick={() => chosen && start(list.id, change, chosen)}>
          {chosen ? w(change === 'add' ? 'add_n' : 'remove_n', { n: number(chosen.ids.length, lang) }) : w(change === 'add' ? 'add_people' : 'remove_people')}
        </Button>
      </div>
    </div>
  );
}
