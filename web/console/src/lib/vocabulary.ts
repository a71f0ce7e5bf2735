// The words for what the data names: events, properties, traits, channels, states and reasons.
import { span } from './format';
import type { Language } from './i18n';

type Pair = readonly [zh: string, en: string];
type Vocabulary = { readonly [code: string]: Pair };

const normal = (name: string) => name.trim().toLowerCase().replace(/[\s-]+/g, '_');

const EVENTS: Vocabulary = {
  '*': ['任何事件', 'Any event'],
  sign_up: ['注册', 'Sign up'], signed_up: ['注册', 'Signed up'], register: ['注册', 'Register'], user_registered: ['注册', 'User registered'],
  login: ['登录', 'Log in'], signed_in: ['登录', 'Signed in'], logged_in: ['登录', 'Logged in'],
  page: ['浏览页面', 'Page'], page_view: ['浏览页面', 'Page view'], page_viewed: ['浏览页面', 'Page viewed'], screen: ['浏览屏幕', 'Screen'], $pageview: ['浏览页面', 'Page view'],
  view_item: ['浏览商品', 'View item'], product_viewed: ['浏览商品', 'Product viewed'], search: ['搜索', 'Search'], products_searched: ['搜索', 'Products searched'],
  add_to_cart: ['加入购物车', 'Add to cart'], product_added: ['加入购物车', 'Product added'], remove_from_cart: ['移出购物车', 'Remove from cart'], product_removed: ['移出购物车', 'Product removed'],
  checkout: ['去结算', 'Checkout'], begin_checkout: ['去结算', 'Begin checkout'], checkout_started: ['去结算', 'Checkout started'],
  purchase: ['下单支付', 'Purchase'], order_completed: ['下单支付', 'Order completed'], order: ['订单', 'Order'], order_paid: ['支付订单', 'Order paid'], order_placed: ['提交订单', 'Order placed'],
  refund: ['退款', 'Refund'], order_refunded: ['订单退款', 'Order refunded'], order_cancelled: ['取消订单', 'Order cancelled'],
  coupon_received: ['领取优惠券', 'Coupon received'], coupon_used: ['核销优惠券', 'Coupon used'], subscribe: ['订阅', 'Subscribe'], unsubscribe: ['退订', 'Unsubscribe'], unsubscribed: ['退订', 'Unsubscribed'],
  store_visit: ['到店', 'Store visit'], review: ['评价', 'Review'], review_posted: ['发表评价', 'Review posted'], member_registered: ['会员注册', 'Member registered'], coupon_redeemed: ['核销优惠券', 'Coupon redeemed'], share: ['分享', 'Share'], favourite: ['收藏', 'Favourite'],
  identify: ['识别身份', 'Identify'], alias: ['关联身份', 'Alias'], group: ['归属组织', 'Group'], track: ['行为', 'Track'],
  consent: ['授权变更', 'Consent'], consent_given: ['授权同意', 'Consent given'], consent_withdrawn: ['撤回同意', 'Consent withdrawn'], consent_changed: ['授权变更', 'Consent changed'], consent_granted: ['授权同意', 'Consent granted'],
  message_queued: ['消息排队', 'Message queued'], message_sent: ['消息已发送', 'Message sent'], message_delivered: ['消息送达', 'Message delivered'], message_opened: ['打开消息', 'Message opened'],
  message_clicked: ['点击消息', 'Message clicked'], message_failed: ['消息失败', 'Message failed'], message_suppressed: ['消息被拦截', 'Message held back'], message_bounced: ['消息退回', 'Message bounced'], message_unknown: ['消息结果未知', 'Message outcome unknown'], message_complained: ['投诉', 'Complaint'],
  segment_entered: ['进入人群', 'Segment entered'], segment_left: ['离开人群', 'Segment left'],
  journey_entered: ['进入旅程', 'Journey entered'], journey_exited: ['离开旅程', 'Journey exited'], journey_moved: ['旅程推进', 'Journey moved'], experiment_exposed: ['进入实验分组', 'Experiment exposed'], exposure: ['进入实验分组', 'Exposure'],
  message_attempted: ['消息尝试发送', 'Message attempted'], blacklist_added: ['加入黑名单', 'Blacklisted'], blacklist_removed: ['移出黑名单', 'Off the blacklist'],
  profile_set: ['更新属性', 'Traits set'], profile_set_once: ['首次设置属性', 'Traits set once'], profile_increment: ['属性累加', 'Trait incremented'], profile_append: ['属性追加', 'Trait appended'], profile_unset: ['清除属性', 'Traits unset'], profile_delete: ['清空属性', 'Traits deleted'], $signup: ['注册', 'Sign up'], $bindid: ['绑定身份', 'Identities bound'], $unbindid: ['解绑身份', 'Identities unbound'], thing_set: ['更新物品', 'Thing set'],
  persons_merged: ['身份合并', 'Persons merged'], person_merged: ['身份合并', 'Person merged'],
};

const FACTS: Vocabulary = {
  name: ['姓名', 'Name'], first_name: ['名', 'First name'], last_name: ['姓', 'Last name'], nickname: ['昵称', 'Nickname'], email: ['邮箱', 'E-mail'], phone: ['手机号', 'Phone'], gender: ['性别', 'Gender'], birthday: ['生日', 'Birthday'], age: ['年龄', 'Age'],
  city: ['城市', 'City'], province: ['省份', 'Province'], country: ['国家', 'Country'], language: ['语言', 'Language'], level: ['会员等级', 'Member level'], member_level: ['会员等级', 'Member level'], points: ['积分', 'Points'],
  channel: ['渠道', 'Channel'], source: ['来源', 'Source'], registered_at: ['注册时间', 'Registered at'], created_at: ['创建时间', 'Created at'], last_order_at: ['最近下单时间', 'Last order at'], orders: ['订单数', 'Orders'], total_spent: ['累计消费', 'Total spent'],
  favourite_category: ['偏好品类', 'Favourite category'], favourite_channel: ['偏好渠道', 'Favourite channel'], age_band: ['年龄段', 'Age band'], device: ['设备', 'Device'], found_by: ['了解渠道', 'Found by'], items_count: ['商品件数', 'Items'], results: ['结果数', 'Results'], text: ['内容', 'Text'], version: ['版本', 'Version'], is_vip: ['是否 VIP', 'Is VIP'], vip: ['是否 VIP', 'VIP'], rfm: ['RFM 分群', 'RFM group'], lifecycle: ['生命周期', 'Life cycle'],
  category: ['品类', 'Category'], item_id: ['商品编号', 'Item id'], item_name: ['商品名称', 'Item name'], product_id: ['商品编号', 'Product id'], product_name: ['商品名称', 'Product name'], brand: ['品牌', 'Brand'], price: ['单价', 'Price'], quantity: ['数量', 'Quantity'], amount: ['金额', 'Amount'], total: ['总额', 'Total'], revenue: ['收入', 'Revenue'], currency: ['币种', 'Currency'], order_id: ['订单号', 'Order id'], status: ['状态', 'Status'],
  coupon: ['优惠券', 'Coupon'], coupon_id: ['优惠券编号', 'Coupon id'], discount: ['折扣', 'Discount'], keyword: ['关键词', 'Keyword'], query: ['关键词', 'Query'], url: ['网址', 'URL'], path: ['路径', 'Path'], title: ['标题', 'Title'], referrer: ['来源页', 'Referrer'], shop: ['门店', 'Shop'], store: ['门店', 'Store'], payment: ['支付方式', 'Payment'], platform: ['平台', 'Platform'], rating: ['评分', 'Rating'], utm_source: ['广告来源', 'UTM source'], utm_campaign: ['广告活动', 'UTM campaign'], items: ['商品清单', 'Items'], lines: ['商品明细', 'Lines'],
  value: ['金额', 'Value'], journey_name: ['旅程名称', 'Journey name'], segment_name: ['人群名称', 'Segment name'], message_id: ['消息编号', 'Message id'], identifier_type: ['标识类型', 'Identifier type'], by: ['操作人', 'By'], via: ['途径', 'Via'], experiment: ['实验', 'Experiment'], arm: ['分组', 'Arm'], control: ['对照组', 'Control group'], time_zone: ['时区', 'Time zone'], mobile: ['手机号', 'Mobile'],
  journey: ['旅程', 'Journey'], segment: ['人群', 'Segment'], template: ['模板', 'Template'], reason: ['原因', 'Reason'], subject: ['主题', 'Subject'], delivery: ['触达编号', 'Delivery'], node: ['节点', 'Node'], purpose: ['用途', 'Purpose'], granted: ['是否同意', 'Granted'],
};

const IDENTIFIERS: Vocabulary = {
  idfa: ['IDFA', 'IDFA'], oaid: ['OAID', 'OAID'], caid: ['CAID', 'CAID'], imei_md5: ['IMEI（MD5）', 'IMEI (MD5)'], android_id: ['Android ID', 'Android ID'], distinct_id: ['神策 distinct_id', 'Sensors distinct_id'], cookie: ['Cookie', 'Cookie'], session_id: ['会话 ID', 'Session ID'], phone_hash: ['手机号哈希', 'Phone (hashed)'], email_hash: ['邮箱哈希', 'E-mail (hashed)'], id_number_hash: ['证件号哈希', 'Identity number (hashed)'], alipay_id: ['支付宝 ID', 'Alipay ID'], card_number: ['会员卡号', 'Card number'],
  person: ['Weft 用户 ID', 'Weft person ID'], mp_id: ['小程序 ID', 'Mini program ID'], idfv: ['IDFV', 'IDFV'], member_id: ['会员号', 'Member ID'], mobile: ['手机号', 'Mobile'],
  user_id: ['用户 ID', 'User ID'], anonymous_id: ['匿名 ID', 'Anonymous ID'], email: ['邮箱', 'E-mail'], phone: ['手机号', 'Phone'], wechat_openid: ['微信 OpenID', 'WeChat OpenID'], openid: ['微信 OpenID', 'WeChat OpenID'], wechat_unionid: ['微信 UnionID', 'WeChat UnionID'], unionid: ['微信 UnionID', 'WeChat UnionID'], device_id: ['设备 ID', 'Device ID'], member_no: ['会员号', 'Member no.'], card_no: ['会员卡号', 'Card no.'], external_userid: ['企微客户 ID', 'WeCom customer ID'], push_token: ['推送令牌', 'Push token'], cookie_id: ['Cookie ID', 'Cookie ID'], webhook: ['Webhook', 'Webhook'],
};

const CHANNELS: Vocabulary = {
  mini_program: ['小程序', 'Mini program'], mobile: ['手机', 'Mobile'], desktop: ['电脑', 'Desktop'],
  '*': ['所有渠道', 'All channels'], email: ['邮件', 'E-mail'], sms: ['短信', 'SMS'], webhook: ['Webhook', 'Webhook'], push: ['推送', 'Push'], wechat: ['微信', 'WeChat'], web: ['网页', 'Web'], app: ['App', 'App'], server: ['服务端', 'Server'], import: ['导入', 'Import'], internal: ['系统内部', 'Internal'], store: ['门店', 'Store'], mini: ['小程序', 'Mini program'], weft: ['系统内部', 'Weft'],
};

const PURPOSES: Vocabulary = { marketing: ['营销', 'marketing'], tracking: ['行为收集', 'tracking'], analytics: ['分析', 'analytics'], service: ['服务通知', 'service'], transactional: ['交易通知', 'transactional'], personalization: ['个性化推荐', 'personalisation'], advertising: ['广告', 'advertising'] };

const STATES: Vocabulary = {
  draft: ['草稿', 'Draft'], running: ['运行中', 'Running'], paused: ['已暂停', 'Paused'], stopped: ['已停止', 'Stopped'], active: ['使用中', 'Active'], archived: ['已归档', 'Archived'],
  queued: ['排队中', 'Queued'], deferred: ['延后发送', 'Deferred'], attempting: ['发送中', 'Attempting'], sent: ['已发送', 'Sent'], failed: ['失败', 'Failed'], suppressed: ['已拦截', 'Held back'], unknown: ['结果未知', 'Outcome unknown'], delivered: ['已送达', 'Delivered'], opened: ['已打开', 'Opened'], clicked: ['已点击', 'Clicked'],
  in: ['进行中', 'In progress'], done: ['已完成', 'Done'], exited: ['已离开', 'Exited'], ejected: ['被移出', 'Ejected'], converted: ['已转化', 'Converted'], entered: ['已进入', 'Entered'], goal: ['达成目标', 'Reached the goal'], reached: ['已触达', 'Reached'],
  stored: ['已入库', 'Stored'], duplicate: ['重复', 'Duplicate'], quarantined: ['已隔离', 'Quarantined'], withheld: ['未获同意', 'Withheld'], rejected: ['已拒绝', 'Rejected'],
  cancelled: ['已取消', 'Cancelled'], waiting: ['等待中', 'Waiting'], captured: ['已收进演示信箱', 'Captured'], bounced: ['已退回', 'Bounced'], accepted: ['已接受', 'Accepted'],
};

const REASONS: Vocabulary = {
  consent: ['没有营销授权', 'No marketing consent'], consent_missing: ['没有营销授权', 'No marketing consent'], no_consent: ['没有营销授权', 'No marketing consent'], consent_withdrawn: ['已撤回授权', 'Consent withdrawn'],
  blacklist: ['在黑名单中', 'On the blacklist'], blacklisted: ['在黑名单中', 'On the blacklist'], unsubscribed: ['已退订', 'Unsubscribed'],
  cap: ['超过频次上限', 'Frequency cap reached'], capped: ['超过频次上限', 'Frequency cap reached'], cap_reached: ['超过频次上限', 'Frequency cap reached'], frequency_cap: ['超过频次上限', 'Frequency cap reached'],
  'pool:exclusion': ['在排除人群中', 'In an exclusion pool'], 'pool:control': ['在全局对照组中', 'Held out as control'],
  quiet_hours: ['静默时段', 'Quiet hours'], duplicate: ['重复消息', 'Duplicate message'], no_address: ['没有可用地址', 'No address'], address_missing: ['没有可用地址', 'No address'], address_invalid: ['地址无效', 'Invalid address'], invalid_address: ['地址无效', 'Invalid address'],
  control_group: ['对照组不发送', 'Control group'], journey_stopped: ['旅程已停止', 'Journey stopped'], journey_paused: ['旅程已暂停', 'Journey paused'], stopped: ['已停止', 'Stopped'], paused: ['已暂停', 'Paused'], expired: ['已过期', 'Expired'], too_late: ['已过期', 'Too late'],
  channel_disabled: ['渠道未启用', 'Channel switched off'], channel_missing: ['渠道未配置', 'Channel not set up'], channel_unconfigured: ['渠道未配置', 'Channel not set up'], provider_error: ['服务商错误', 'Provider error'], provider_rejected: ['服务商拒收', 'Provider refused'], rejected: ['服务商拒收', 'Refused'], bounced: ['邮箱退信', 'Bounced'], hard_bounce: ['邮箱不存在', 'Hard bounce'], soft_bounce: ['邮箱暂时拒收', 'Soft bounce'], complained: ['被投诉', 'Complaint'], timeout: ['服务商超时', 'Provider timed out'], crashed: ['发送途中断电或崩溃', 'Crashed while sending'], connection_lost: ['发送途中断线', 'Connection lost while sending'], uncertain: ['无法确认是否送出', 'Cannot be known'],
  template_error: ['模板渲染失败', 'Template failed'], render_failed: ['模板渲染失败', 'Template failed'], template_missing: ['模板不存在', 'Template missing'], person_missing: ['用户不存在', 'Person missing'], person_erased: ['用户已被遗忘', 'Person erased'],
  goal: ['达成目标', 'Goal reached'], goal_reached: ['达成目标', 'Goal reached'], exit_condition: ['满足退出条件', 'Exit condition met'], end: ['走到终点', 'Reached the end'], finished: ['走到终点', 'Reached the end'], ejected: ['被移出', 'Ejected'],
  schema: ['不符合埋点方案', 'Not in the tracking plan'], schema_violation: ['不符合埋点方案', 'Not in the tracking plan'], name_missing: ['缺少事件名', 'Name missing'], 'collect.no_identity': ['没有任何身份标识', 'No identifier'], no_identity: ['没有任何身份标识', 'No identifier'], time_in_future: ['时间在未来', 'Time in the future'], too_large: ['事件过大', 'Too large'], event_too_large: ['事件过大', 'Too large'], seen_before: ['之前收到过', 'Seen before'], malformed: ['格式错误', 'Malformed'],
  no_provider: ['渠道还没有设置', 'Channel not set up'], template_gone: ['模板已被删除', 'Template deleted'], not_rendered: ['模板渲染失败', 'Template could not be rendered'], no_answer: ['服务商没有应答', 'No answer from the provider'], interrupted: ['发送途中程序中断', 'Interrupted while sending'], reconciled_by_receipt: ['由回执确认已送出', 'Confirmed by a receipt'],
  not_connected: ['连不上服务商', 'Provider could not be reached'], forbidden_address: ['地址在内网，不允许访问', 'Address is inside the network and not allowed'], name_not_found: ['找不到服务器', 'Server name not found'], tls: ['加密连接失败', 'Encryption failed'],
  end_of_plan: ['走到终点', 'Reached the end'], exit_node: ['走到“结束”', 'Reached the exit'], exit_rule: ['满足退出条件', 'Exit condition met'], too_many_steps: ['步数过多，已停下', 'Too many steps in a row'],
  kept_apart: ['已被人工拆开', 'Kept apart on purpose'], too_fast: ['关联过快', 'Too many links at once'],
  too_many_of_type: ['同类标识过多', 'Too many identifiers of one kind'], too_many_identifiers: ['标识总数过多', 'Too many identifiers'], tracking_withdrawn: ['已撤回行为收集授权', 'Tracking consent withdrawn'], unreadable: ['日志记录无法读取', 'Record cannot be read'],
  unknown_event: ['埋点方案里没有这个事件', 'Event is not in the tracking plan'], blocked_event: ['埋点方案已停用这个事件', 'Event is blocked by the tracking plan'], missing_property: ['缺少必填属性', 'A required property is missing'], wrong_type: ['属性类型不符', 'A property has the wrong type'],
  identifier_missing: ['没有任何身份标识', 'No identifier'], identifier_too_long: ['标识过长', 'Identifier too long'], name_too_long: ['事件名过长', 'Name too long'], previous_missing: ['缺少原标识', 'Previous identifier missing'], group_missing: ['缺少组织编号', 'Group missing'], item_missing: ['缺少物品编号', 'Item missing'], too_deep: ['嵌套过深', 'Nested too deep'], number_out_of_range: ['数字超出范围', 'Number out of range'], write_key_missing: ['没有写入密钥', 'Write key missing'], write_key_wrong: ['写入密钥不对', 'Write key wrong'], unknown_call: ['地址不对', 'Unknown call'], bad_json: ['不是有效的 JSON', 'Not valid JSON'], batch_missing: ['缺少 batch', 'Batch missing'], bad_gzip: ['压缩格式错误', 'Bad gzip'], encoding_unknown: ['编码无法识别', 'Unknown encoding'], bad_base64: ['base64 错误', 'Bad base64'], checksum_mismatch: ['校验和不符', 'Checksum mismatch'], data_missing: ['没有数据', 'Data missing'], encrypted: ['加密的事件暂不支持', 'Encrypted events are not supported'], body_unreadable: ['请求读不出来', 'Request cannot be read'], log_unavailable: ['日志暂时写不进去', 'The log takes no writes'], all_refused: ['全部被拒绝', 'All refused'],
  none: ['无', 'None'],
};

const WHAT: Vocabulary = {
  created: ['创建', 'Created'], renamed: ['改名', 'Renamed'], updated: ['修改', 'Changed'], changed: ['修改', 'Changed'], saved: ['保存草稿', 'Saved'], published: ['发布', 'Published'], paused: ['暂停', 'Paused'], resumed: ['恢复', 'Resumed'], stopped: ['停止', 'Stopped'], archived: ['归档', 'Archived'], duplicated: ['复制', 'Duplicated'], condition_changed: ['修改条件', 'Condition changed'],
  finished: ['走完', 'Finished'], left: ['离开', 'Left'], waits: ['开始等待', 'Waits'], asked_to_send: ['请求发送', 'Asked to send'], gate: ['防打扰检查', 'Gate'], event_came: ['等到了', 'It happened'], went_on: ['继续', 'Went on'], merged: ['身份合并', 'Merged'], taken_apart: ['身份拆分', 'Taken apart'], goal_reached: ['达成目标', 'Goal reached'], would_send: ['将发送', 'Would send'],
  entered: ['进入', 'Entered'], wait: ['开始等待', 'Started waiting'], waiting: ['等待中', 'Waiting'], waited: ['等待结束', 'Waited'], waited_until: ['等到了', 'Waited for it'], event_happened: ['事件已发生', 'It happened'], happened: ['事件已发生', 'It happened'], timed_out: ['等待超时', 'Timed out'], timeout: ['等待超时', 'Timed out'], branched: ['进入分支', 'Branched'], branch: ['进入分支', 'Branched'], split: ['分组', 'Assigned'], assigned: ['分组', 'Assigned'], sent: ['已发送', 'Sent'], send: ['请求发送', 'Send requested'], requested: ['请求发送', 'Requested'], send_requested: ['请求发送', 'Send requested'], exited: ['离开', 'Exited'], exit: ['离开', 'Exit'], converted: ['转化', 'Converted'], ejected: ['被移出', 'Ejected'], done: ['完成', 'Done'], suppressed: ['已拦截', 'Held back'],
  queued: ['通过检查，进入队列', 'Passed the gate, queued'], gate_passed: ['通过防打扰检查', 'Passed the gate'], passed: ['通过检查', 'Passed'], checked: ['检查', 'Checked'], rendered: ['生成内容', 'Rendered'], attempting: ['开始发送', 'Attempting'], attempted: ['尝试发送', 'Attempted'], accepted: ['服务商已接收', 'Accepted by the provider'], delivered: ['送达', 'Delivered'], opened: ['打开', 'Opened'], clicked: ['点击', 'Clicked'], deferred: ['延后', 'Deferred'], failed: ['失败', 'Failed'], retried: ['重试', 'Retried'], unknown: ['结果未知', 'Unknown'],
};

const ROLES: Vocabulary = { administrator: ['管理员', 'Administrator'], marketer: ['营销', 'Marketer'], analyst: ['分析', 'Analyst'], viewer: ['只读', 'Viewer'] };

const OPERATIONS: Vocabulary = {
  share_segment: ['修改人群的共享', 'Changed who a segment is shared with'], hand_over_segment: ['移交人群', 'Handed the segment over'], use_segment_as: ['修改人群的触达用途', 'Changed what the segment is used as'], hand_over_tag: ['移交标签', 'Handed the tag over'],
  add_to_list: ['添加名单成员', 'Added people to the list'], remove_from_list: ['移除名单成员', 'Removed people from the list'], draw_portrait: ['生成画像', 'Drew a portrait'], keep_portrait: ['画像生成完毕', 'Portrait finished'],
  find_duplicates: ['查找重复用户', 'Looked for duplicates'], keep_duplicates: ['查找重复完成', 'Search for duplicates ended'], join_duplicate: ['合并重复用户', 'Duplicates merged'], keep_duplicate_apart: ['确认是两个人', 'Kept apart as two people'],
  put_thing: ['描述实体', 'Described a thing'], import_things: ['导入实体', 'Imported things'], archive_thing: ['归档实体', 'Put a thing away'], restore_thing: ['恢复实体', 'Brought a thing back'], define_thing_type: ['修改实体识别设置', 'Changed how events name things'], create_thing_tag: ['新建实体标签', 'Made a tag of things'], update_thing_tag: ['修改实体标签', 'Changed a tag of things'], archive_thing_tag: ['归档实体标签', 'Put a tag of things away'], assign_thing_tag: ['给实体打标签', 'Gave things a tag'],
  assign_tag: ['手工打标', 'Tag given by hand'], keep_model_run: ['模型运行结束', 'Model run ended'], apply_model: ['写入标签', 'Tag written'], label_model: ['更新标签取值', 'Tag values named'],
  unmerge_person: ['拆分用户', 'Person taken apart'], merge_people: ['合并用户', 'People merged'], set_identity_rules: ['修改身份规则', 'Identity rules changed'], set_trait_rules: ['修改属性规则', 'Trait rules changed'],
  run_setup: ['初始化工作空间', 'Set up the workspace'], bootstrap: ['初始化工作空间', 'Set up the workspace'], create_session: ['登录', 'Signed in'], delete_session: ['退出登录', 'Signed out'], change_password: ['修改密码', 'Changed the password'], lock_out: ['登录被锁定', 'Locked out'], change_member_role: ['修改成员角色', 'Changed a member’s role'], define_sending: ['修改发送设置', 'Changed sending'], define_tracking_plan: ['修改埋点方案', 'Changed the tracking plan'], retry_quarantine: ['重新处理隔离的事件', 'Tried the quarantine again'], reset_password: ['重设密码', 'Set a password'],
};
const VERBS: Vocabulary = {
  publish: ['发布', 'Published'], create: ['新建', 'Created'], update: ['修改', 'Changed'], change: ['修改', 'Changed'], delete: ['删除', 'Deleted'], remove: ['移除', 'Removed'], archive: ['归档', 'Archived'], pause: ['暂停', 'Paused'], resume: ['恢复', 'Resumed'], stop: ['停止', 'Stopped'], duplicate: ['复制', 'Duplicated'], cancel: ['取消', 'Cancelled'], finish: ['完成', 'Finished'], add: ['添加', 'Added'], run: ['运行', 'Ran'], start: ['开始', 'Started'], name: ['命名', 'Named'], ensure: ['新建', 'Created'],
};
const NOUNS: Vocabulary = {
  journey: ['旅程', 'journey'], segment: ['人群', 'segment'], tag: ['标签', 'tag'], model: ['模型', 'model'], template: ['模板', 'template'], key: ['密钥', 'key'], source: ['数据源', 'source'], import: ['导入', 'import'], member: ['成员', 'member'], workspace: ['工作空间', 'workspace'], user: ['账号', 'account'], portrait: ['画像', 'portrait'],
};

/** Values that many brands write alike. */
const VALUES: { readonly [fact: string]: Vocabulary } = {
  gender: { male: ['男', 'Male'], female: ['女', 'Female'], m: ['男', 'Male'], f: ['女', 'Female'], unknown: ['未知', 'Unknown'] },
  language: { zh: ['中文', 'Chinese'], zh_cn: ['简体中文', 'Simplified Chinese'], zh_tw: ['繁体中文', 'Traditional Chinese'], en: ['英语', 'English'], ja: ['日语', 'Japanese'] },
};

function from(vocabulary: Vocabulary) {
  return (code: string | null | undefined, lang: Language): string => {
    if (!code) return '';
    const pair = vocabulary[code] ?? vocabulary[normal(code)];
    return pair ? pair[lang === 'zh' ? 0 : 1] : code;
  };
}

const lastPart = (code: string) => code.slice(code.lastIndexOf('.') + 1);

export const eventLabel = from(EVENTS);
export const factLabel = from(FACTS);
export const identifierLabel = from(IDENTIFIERS);
export const channelLabel = from(CHANNELS);
export const purposeLabel = from(PURPOSES);
export const stateLabel = from(STATES);
export const whatLabel = from(WHAT);
export const roleLabel = from(ROLES);
/** What a trait or a property says, in words where there are some for it. */
export const valueLabel = (fact: string, value: string, lang: Language): string => (/channel$/.test(fact) ? channelLabel(value, lang) : from(VALUES[fact] ?? {})(value, lang)) || value;
const plainReason = from(REASONS);

/** `cap:email:rolling:7d:3`: which cap was full. */
function capLabel(code: string, lang: Language): string | null {
  const [, channel, window, period, limit] = /^cap:([^:]+):(rolling|calendar):(\w+):(\d+)$/.exec(code) ?? [];
  if (!channel || !window || !period || !limit) return null;
  const where = channel === '*' ? '' : channelLabel(channel, lang);
  if (window === 'calendar') {
    const unit = { '1d': ['每天', 'a day'], '1w': ['每周', 'a week'], '1mo': ['每月', 'a month'] }[period] ?? [`每 ${span(period, 'zh')}`, `in ${span(period, 'en')}`];
    return lang === 'zh' ? `超过频次上限（${where}${unit[0]}最多 ${limit} 条）` : `Frequency cap reached (${where ? `${where}, ` : ''}at most ${limit} ${unit[1]})`;
  }
  return lang === 'zh' ? `超过频次上限（${where}${span(period, lang)}内最多 ${limit} 条）` : `Frequency cap reached (${where ? `${where}, ` : ''}at most ${limit} in ${span(period, lang)})`;
}

/** Reasons may carry their room in front (`collect.name_missing`) and a detail behind (`plan.wrong_type:value`). */
export const reasonLabel = (code: string | null | undefined, lang: Language): string => {
  if (!code) return '';
  const cap = capLabel(code, lang);
  if (cap) return cap;
  const whole = plainReason(code, lang);
  if (whole !== code) return whole;
  const at = code.indexOf(':');
  const [head, detail] = at > 0 ? [code.slice(0, at), code.slice(at + 1)] : [code, ''];
  if (head === 'retry') return lang === 'zh' ? `稍后重试：${reasonLabel(detail, lang)}` : `Will try again: ${reasonLabel(detail, lang)}`;
  const tail = lastPart(head);
  const word = plainReason(tail, lang);
  if (word === tail) return code;
  const about = head === 'too_many_of_type' ? identifierLabel(detail, lang) : head === 'not_rendered' ? '' : factLabel(detail, lang);
  return about ? (lang === 'zh' ? `${word}（${about}）` : `${word} (${about})`) : word;
};
/** Is the label more than the bare code? Then the code may be shown beside it. */
export const isTranslated = (code: string, label: string) => normal(code) !== normal(label);

/** `publish_journey` as 发布旅程; the code itself when it is not known. */
export function operationLabel(operation: string, lang: Language): string {
  const [verb = '', ...rest] = lastPart(operation).split('_');
  const said = VERBS[verb];
  const i = lang === 'zh' ? 0 : 1;
  const whole = OPERATIONS[operation];
  if (whole) return whole[i];
  const noun = NOUNS[rest[rest.length - 1] ?? ''];
  if (!said || (rest.length > 0 && !noun)) return operation;
  return noun ? (lang === 'zh' ? said[i] + noun[i] : `${said[i]} ${noun[i]}`) : said[i];
}
