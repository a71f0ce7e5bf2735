// ECharts with the few parts the console uses; loaded with the first chart and not before.
import { BarChart, CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, LineChart, CustomChart, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

export function mount(box: HTMLElement) {
  const chart = init(box, undefined, { renderer: 'svg' });
  const watch = new ResizeObserver(() => chart.resize());
  watch.observe(box);
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  return {
    set: (option: EChartsCoreOption) => chart.setOption({ animation: !calm, animationDuration: 250, textStyle: { fontFamily: getComputedStyle(box).fontFamily }, ...option }, { notMerge: true }),
    picture: () => chart.getDataURL({ type: 'svg' }),
    dispose: () => {
      watch.disconnect();
      chart.dispose();
    },
  };
}
