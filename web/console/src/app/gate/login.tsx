// Signing in.
import type { Session } from '../../lib/api';
import { useTitle } from '../../lib/hooks';
import { useWords } from '../../lib/i18n';
import { app } from '../words';
import { GateFrame } from './frame';
import { LoginForm } from './login-form';

export default function Login({ onDone }: { onDone: (session: Session) => void }) {
  const w = useWords(app);
  useTitle(w('login_title'));
  return (
    <GateFrame>
      <div className="gate-card stack loose">
        <div>
          <h1>{w('login_title')}</h1>
          <p className="dim">{w('login_sub')}</p>
        </div>
        <LoginForm onDone={onDone} />
      </div>
    </GateFrame>
  );
}
