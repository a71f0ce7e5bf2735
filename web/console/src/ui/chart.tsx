// The chart pattern: a title that says what is seen, units on the axis, and the engine only when a chart is needed.
import type { EChartsCoreOption } from 'echarts/core';
import { Download } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useLate } from '../lib/hooks';
import { useWords } from '../lib/i18n';
import { useTheme } from '../lib/theme';
import { Button } from './button';
import { common } from './words';

export type ChartColours = { ink: string; ink2: string; line: string; surface: string; accent: string; series: string[]; good: string; bad: string; warn: string };

function colours(): ChartColours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: of('--ink'), ink2: of('--ink-3'), line: of('--line-soft'), surface: of('--surface'), accent: of('--accent'),
    series: ['--c1', '--c2', '--c3', '--c4', '--c5', '--c6'].map(of), good: of('--good'), bad: of('--bad'), warn: of('--warn'),
  };
}

type Props = { title: string; summary: string; option: (colours: ChartColours) => EChartsCoreOption; height?: number; extra?: ReactNode; note?: ReactNode };

export function Chart({ title, summary, option, height = 260, extra, note }: Props) {
  const w = useWords(common);
  const { dark } = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<{ dispose: () => void; picture: () => string; set: (option: EChartsCoreOption) => void } | null>(null);
  const [ready, setReady] = useState(false);
  const late = useLate(!ready);

  useEffect(() => {
    let gone = false;
    void import('./chart-engine').then(({ mount }) => {
      if (gone || !box.current) return;
      chart.current = mount(box.current);
      setReady(true);
    });
    return () => {
      gone = true;
      chart.current?.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    // The theme's variables are read after it has been set.
    const frame = requestAnimationFrame(() => chart.current?.set(option(colours())));
    return () => cancelAnimationFrame(frame);
  }, [option, dark, ready]);

  return (
    <figure className="panel">
      <header>
        <h2>{title}</h2>
        <span className="grow" />
        {extra}
        <Button
          size="small"
          type="text"
          aria-label={w('export_picture')}
          title={w('export_picture')}
          icon={<Download size={14} />}
          onClick={() => {
            if (!chart.current) return;
            const link = document.createElement('a');
            link.href = chart.current.picture();
            link.download = `${title}.svg`;
            link.click();
          }}
        />
      </header>
      <div className="body">
        <div role="img" aria-label={`${title}. ${summary}`} style={{ height, position: 'relative' }}>
          {late && <div className="skeleton" aria-hidden><i /><i /><i /></div>}
          <div ref={box} style={{ position: 'absolute', inset: 0 }} aria-hidden />
        </div>
        {note && <div className="dim small" style={{ marginTop: 6 }}>{note}</div>}
      </div>
    </figure>
  );
}
