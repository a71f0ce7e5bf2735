// The question before danger: what happens, to how many, and a number to type when they are many.
import { Input, Modal } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';
import { number } from '../lib/format';
import { useLanguage, useWords } from '../lib/i18n';
import { Button } from './button';
import { ProblemView } from './feedback';
import { common } from './words';

type DangerProps = {
  open: boolean;
  title: string;
  confirm: string;
  /** The number that must be typed, when what happens reaches many. */
  typed?: number;
  kind?: 'danger' | 'primary';
  busy?: boolean;
  /** Not before what is asked about is known. */
  blocked?: boolean;
  error?: unknown;
  width?: number;
  onConfirm: () => void;
  onClose: () => void;
  children?: ReactNode;
};

export function Danger({ open, title, confirm, typed, kind = 'danger', busy, blocked, error, width = 480, onConfirm, onClose, children }: DangerProps) {
  const w = useWords(common);
  const lang = useLanguage();
  const [text, setText] = useState('');
  useEffect(() => {
    if (open) setText('');
  }, [open]);
  const matches = typed === undefined || text.replace(/[,\s，]/g, '') === String(typed);
  return (
    <Modal open={open} title={title} onCancel={onClose} width={width} footer={null} destroyOnHidden>
      <div className="stack">
        {children}
        {typed !== undefined && (
          <label className="field">
            <span className="label">{w('type_number', { n: number(typed, lang) })}</span>
            <Input value={text} inputMode="numeric" onChange={(event) => setText(event.target.value)} autoFocus />
          </label>
        )}
        {error ? <ProblemView error={error} kept /> : null}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{w('cancel')}</Button>
          <Button type="primary" danger={kind === 'danger'} disabled={!matches || blocked} loading={busy} onClick={onConfirm}>
            {confirm}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
