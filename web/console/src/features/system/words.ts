// Words of the system's state.
import { defineWords } from '../../lib/i18n';

export const sw = defineWords('system', {
  title: ['系统状态', 'System'],
  sub: ['程序运行得怎么样，数据有没有跟上。', 'How the program is doing, and whether it keeps up.'],
  fine: ['一切正常', 'All is well'],
  fine_text: ['日志正常写入，处理没有积压。', 'The log takes writes and nothing lags behind.'],
  behind: ['处理有积压', 'Falling behind'],
  behind_text: ['还有 {{n}} 条事件等待处理，人群和旅程会晚一点更新。', '{{n}} events wait; segments and journeys follow a little later.'],
  broken: ['日志写入失败', 'The log cannot be written'],
  broken_text: ['新事件会被拒绝，直到恢复。请检查磁盘空间和权限，然后重启。', 'New events are refused until this is mended. Check disk space and permissions, then restart.'],
  version: ['版本', 'Version'],
  uptime: ['已运行', 'Up for'],
  lag: ['积压', 'Lag'],
  lag_note: ['等待处理的事件', 'events waiting'],
  position: ['日志位置', 'Log position'],
  people: ['用户', 'People'],
  disk: ['状态占用磁盘', 'State on disk'],
  disk_note: ['用户、人群、旅程、台账', 'people, segments, journeys, ledger'],
  lake: ['已写入分析库', 'In the lake'],
  lake_note: ['写到的日志位置', 'log position written'],
});
