// E-mail and password, for signing in and for signing in again.
import { Input } from 'antd';
import { type FormEvent, useState } from 'react';
import { type Session, call } from '../../lib/api';
import { useWords } from '../../lib/i18n';
import { Field } from '../../ui/bits';
import { Button } from '../../ui/button';
import { ProblemView } from '../../ui/feedback';
import { app } from '../words';

export function LoginForm({ email: known = '', onDone }: { email?: string; onDone: (session: Session) => void }) {
  const w = useWords(app);
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    call('POST /session', { body: { email: email.trim(), password } })
      .then(onDone, (failure: unknown) => setError(failure))
      .finally(() => setBusy(false));
  };
  return (
    <form className="form" onSubmit={submit}>
      <Field label={w('email')}>
        <Input type="email" size="large" autoComplete="username" required value={email} onChange={(e) => setEmail(e.target.value)} autoFocus={!known} />
      </Field>
      <Field label={w('password')}>
        <Input.Password size="large" autoComplete="current-password" required value={password} onChange={(e) => setPassword(e.target.value)} autoFocus={!!known} />
      </Field>
      {error ? <ProblemView error={error} /> : null}
      <Button type="primary" size="large" htmlType="submit" loading={busy} block>
        {w('sign_in')}
      </Button>
    </form>
  );
}
