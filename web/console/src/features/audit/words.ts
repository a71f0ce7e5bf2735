// Words of the audit.
import { defineWords } from '../../lib/i18n';

export const auditWords = defineWords('audit', {
  title: ['操作审计', 'Audit'],
  sub: ['谁在什么时候做了什么，只能追加，不能修改。', 'Who did what and when; it can be added to and never changed.'],
  search: ['操作人或操作', 'Who or what'],
  who: ['操作人', 'Who'],
  what: ['操作', 'What'],
  target: ['对象', 'On'],
  empty: ['还没有记录', 'Nothing recorded yet'],
  empty_text: ['登录、修改、发布都会记在这里。', 'Sign-ins, changes and publishing are recorded here.'],
  system: ['系统', 'system'],
});

/** Operations by their last word: `journeys.publish_journey`. */
export const VERBS: { [verb: string]: readonly [zh: string, en: string] } = {
  publish: ['发布', 'Published'], save: ['保存', 'Saved'], create: ['新建', 'Created'], update: ['修改', 'Changed'], put: ['修改', 'Changed'], delete: ['删除', 'Deleted'], remove: ['移除', 'Removed'], archive: ['归档', 'Archived'], pause: ['暂停', 'Paused'], resume: ['恢复', 'Resumed'], stop: ['停止', 'Stopped'], duplicate: ['复制', 'Duplicated'], login: ['登录', 'Signed in'], logout: ['退出', 'Signed out'], sign: ['登录', 'Signed in'], set: ['初始化', 'Set up'], setup: ['初始化', 'Set up'], import: ['导入', 'Imported'], cancel: ['取消', 'Cancelled'], test: ['测试', 'Tested'], add: ['添加', 'Added'], run: ['运行', 'Ran'], record: ['记录', 'Recorded'],
};
export const NOUNS: { [noun: string]: readonly [zh: string, en: string] } = {
  journey: ['旅程', 'journey'], segment: ['人群', 'segment'], template: ['模板', 'template'], key: ['密钥', 'key'], source: ['数据源', 'source'], settings: ['发送设置', 'sending settings'], blacklist: ['黑名单', 'blacklist'], import: ['导入', 'import'], consent: ['授权', 'consent'], query: ['查询', 'query'], session: ['会话', 'session'], user: ['用户', 'user'], workspace: ['工作空间', 'workspace'],
};
