// The providers, and the gate in front of everything: first run, signing in, and signing in again.
import { QueryClientProvider, useQuery } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { ConfigProvider, theme as antTheme } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { Suspense, lazy, useEffect, useMemo, useRef, useState } from 'react';
import { Problem, type Session, call, onSessionLost } from '../lib/api';
import { setTimeZone } from '../lib/format';
import { useLanguage } from '../lib/i18n';
import { queries } from '../lib/query';
import { SessionContext } from '../lib/session';
import { useTheme } from '../lib/theme';
import { ProblemView, Skeleton } from '../ui/feedback';
import { Toasts } from '../ui/toasts';
import { router } from './router';

const Setup = lazy(() => import('./gate/setup'));
const Login = lazy(() => import('./gate/login'));
const Relogin = lazy(() => import('./gate/relogin'));

export function Console() {
  const { dark } = useTheme();
  const lang = useLanguage();
  const theme = useMemo(
    () => ({
      algorithm: dark ? antTheme.darkAlgorithm : antTheme.defaultAlgorithm,
      token: {
        fontFamily: 'var(--sans)',
        fontFamilyCode: 'var(--mono)',
        fontSize: 13,
        controlHeight: 30,
        borderRadius: 6,
        wireframe: false,
        // Calm and quick: menus and dialogs are there at once.
        motion: false,
        ...(dark
          ? { colorPrimary: '#55c4ba', colorTextLightSolid: '#06201f', colorBgBase: '#101515', colorBgContainer: '#171e1e', colorBgElevated: '#1c2525', colorBgLayout: '#0e1313', colorTextBase: '#e4ebea', colorLink: '#55c4ba', colorError: '#ff9d94', colorTextPlaceholder: '#93a19f', colorBorder: '#3a4645', colorTextDescription: '#93a19f' }
          : { colorPrimary: '#0b6b6b', colorTextBase: '#14201f', colorLink: '#0b6b6b', colorError: '#ae241c', colorTextPlaceholder: '#5f6d6b', colorBorder: '#c9d1d0', colorTextDescription: '#5f6d6b' }),
      },
      components: { Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none', fontWeight: 500 } },
    }),
    [dark],
  );
  return (
    <ConfigProvider theme={theme} locale={lang === 'zh' ? zhCN : enUS} button={{ autoInsertSpace: false }}>
      <QueryClientProvider client={queries}>
        <Gate />
        <Toasts />
      </QueryClientProvider>
    </ConfigProvider>
  );
}

type Door = { kind: 'setup' } | { kind: 'login' } | { kind: 'open'; session: Session };

async function findDoor(): Promise<Door> {
  try {
    return { kind: 'open', session: await call('GET /session') };
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
  }
  const { needed } = await call('GET /setup');
  return { kind: needed ? 'setup' : 'login' };
}

function Gate() {
  const door = useQuery({ queryKey: ['door'], queryFn: findDoor, staleTime: Infinity, retry: 1 });
  const [lost, setLost] = useState(false);
  const waiting = useRef<(() => void)[]>([]);

  useEffect(() => {
    if (door.data?.kind !== 'open') return;
    onSessionLost(
      () =>
        new Promise<void>((resolve) => {
          waiting.current.push(resolve);
          setLost(true);
        }),
    );
    return () => onSessionLost(null);
  }, [door.data?.kind]);

  const enter = (session: Session) => queries.setQueryData(['door'], { kind: 'open', session } as Door);

  if (door.error) {
    return (
      <div className="gate-box">
        <ProblemView error={door.error} retry={() => void door.refetch()} />
      </div>
    );
  }
  if (!door.data) return null;
  if (door.data.kind !== 'open') return <Suspense fallback={<div className="gate-box"><Skeleton /></div>}>{door.data.kind === 'setup' ? <Setup onDone={enter} /> : <Login onDone={enter} />}</Suspense>;

  setTimeZone(door.data.session.workspace.time_zone);
  return (
    <SessionContext value={door.data.session}>
      <RouterProvider router={router} />
      {lost && (
        <Suspense>
          <Relogin
            email={door.data.session.user.email}
            onDone={() => {
              setLost(false);
              waiting.current.splice(0).forEach((resolve) => resolve());
            }}
          />
        </Suspense>
      )}
    </SessionContext>
  );
}
