// A secret that is shown once and never again.
import { Modal } from 'antd';
import { useWords } from '../../../lib/i18n';
import { Button } from '../../../ui/button';
import { CopyButton } from '../../../ui/feedback';
import { kw } from '../words';

export function Once({ open, title, text, secret, onClose }: { open: boolean; title: string; text: string; secret: string; onClose: () => void }) {
  const w = useWords(kw);
  return (
    <Modal open={open} title={title} onCancel={onClose} footer={<Button type="primary" onClick={onClose}>{w('once_done')}</Button>} width={520} mask={{ closable: false }}>
      <div className="stack">
        <p>{text}</p>
        <pre className="code" tabIndex={0} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{secret}</pre>
        <div>
          <CopyButton text={secret} />
        </div>
      </div>
    </Modal>
  );
}
