// The quiet frame around signing in and the first run.
import type { ReactNode } from 'react';
import { LanguageSwitch, ThemeSwitch } from '../switches';
import { Brand } from '../brand';

export function GateFrame({ children, wide }: { children: ReactNode; wide?: boolean }) {
  return (
    <div className="gate">
      <div className="gate-top">
        <Brand />
        <strong>Weft</strong>
        <span className="grow" />
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
      <main className={wide ? 'gate-box wide' : 'gate-box'}>{children}</main>
    </div>
  );
}
