// Words of the API keys.
import { defineWords } from '../../lib/i18n';

export const kw = defineWords('access', {
  title: ['接口密钥', 'API keys'],
  sub: ['给程序用的钥匙。权限给够用的就好，用不到就删除。', 'For programs. Give no more permission than needed, and delete what is not used.'],
  new: ['新建密钥', 'New key'],
  name: ['用途', 'What it is for'],
  name_placeholder: ['例如：数据仓库同步', 'For example: warehouse sync'],
  name_needed: ['请说明用途', 'Say what it is for'],
  permissions: ['权限', 'Permissions'],
  p_all: ['全部权限', 'Everything'],
  last_used: ['最近使用', 'Last used'],
  never: ['没有用过', 'never'],
  created: ['创建时间', 'Created'],
  once_title: ['密钥只显示这一次', 'Shown only this once'],
  once_text: ['请现在就复制到安全的地方，关闭后无法再查看。', 'Copy it to a safe place now: it cannot be shown again.'],
  once_done: ['已经保存好了', 'I have kept it'],
  delete_title: ['删除密钥「{{name}}」？', 'Delete key “{{name}}”?'],
  delete_text: ['使用它的程序会立即无法访问。', 'Programs that use it lose access at once.'],
  empty: ['还没有密钥', 'No keys yet'],
  empty_text: ['需要用程序调用接口时再新建。', 'Make one when a program needs the API.'],
});
