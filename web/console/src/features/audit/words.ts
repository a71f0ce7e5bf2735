// Words of the audit.
import { defineWords } from '../../lib/i18n';

export const auditWords = defineWords('audit', {
  title: ['操作审计', 'Audit'],
  sub: ['谁在什么时候做了什么，只能追加，不能修改。', 'Who did what and when; it can be added to and never changed.'],
  search: ['操作、对象或操作人编号', 'Operation, object or id of who'],
  who: ['操作人', 'Who'],
  what: ['操作', 'What'],
  target: ['对象', 'On'],
  empty: ['还没有记录', 'Nothing recorded yet'],
  empty_text: ['登录、修改、发布都会记在这里。', 'Sign-ins, changes and publishing are recorded here.'],
  verify: ['校验完整性', 'Check the record'],
  whole: ['{{n}} 条记录首尾相连，没有被改动过。', '{{n}} entries, chained without a gap: nothing was altered.'],
  broken: ['第 {{n}} 条记录有问题：{{why}}。请保留现场并联系管理员。', 'Entry {{n}} is wrong: {{why}}. Keep everything as it is and tell your administrator.'],
  why_edited: ['内容被改动过', 'its content was edited'],
  why_missing: ['记录缺失', 'it is missing'],
  why_not_linked: ['与前一条接不上', 'it does not follow from the one before'],
  why_after_head: ['在末尾之后被插入', 'it was put in after the end'],
  why_head_differs: ['末尾的指纹对不上', 'the fingerprint at the end differs'],
  head: ['末尾指纹', 'Fingerprint at the end'],
  entry: ['第 {{n}} 条记录', 'Entry {{n}}'],
  before: ['之前', 'Before'],
  after: ['之后', 'After'],
  no_change: ['没有记录前后的差别', 'No difference was recorded'],
  hash: ['指纹', 'Fingerprint'],
  id: ['编号', 'Id'],
});
