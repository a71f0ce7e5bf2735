// The session ended while somebody worked: sign in above the page, which keeps all that was typed.
import { Modal } from 'antd';
import type { Session } from '../../lib/api';
import { useWords } from '../../lib/i18n';
import { app } from '../words';
import { LoginForm } from './login-form';

export default function Relogin({ email, onDone }: { email: string; onDone: (session: Session) => void }) {
  const w = useWords(app);
  return (
    <Modal open title={w('expired_title')} footer={null} closable={false} keyboard={false} mask={{ closable: false }} width={400} zIndex={2000}>
      <div className="stack">
        <p className="soft">{w('expired_text')}</p>
        <LoginForm email={email} onDone={onDone} />
      </div>
    </Modal>
  );
}
