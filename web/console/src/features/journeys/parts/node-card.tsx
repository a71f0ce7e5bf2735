// What a node says on the canvas, in one or two lines.
import { Clock, GitBranch, LogIn, LogOut, Mail, MessageSquare, Shuffle, Timer, Webhook } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Counts, Plan, PlanNode } from '../../../lib/api';
import { number, span } from '../../../lib/format';
import { type Language, type Say, useLanguage, useWords } from '../../../lib/i18n';
import { channelLabel } from '../../../lib/vocabulary';
import { clause, stepText } from '../../../ui/condition-builder';
import { type Out, outs } from '../logic/plan';
import { jw } from '../words';

export type CardNames = { template: (id: string) => string | undefined; segment: (id: string) => string | undefined };
type W = Say<typeof jw.words>;

export const ICONS = { entry: LogIn, wait: Clock, wait_until: Timer, branch: GitBranch, split: Shuffle, send: Mail, exit: LogOut };
const iconOf = (node: PlanNode) => (node.type === 'send' ? { email: Mail, sms: MessageSquare, webhook: Webhook }[node.channel] ?? Mail : ICONS[node.type]);

export function nodeTitle(node: PlanNode, w: W, lang: Language): string {
  return node.type === 'send' ? (lang === 'zh' ? `发送${channelLabel(node.channel, lang)}` : `Send ${node.channel === 'email' ? 'e-mail' : channelLabel(node.channel, lang)}`) : w(`node_${node.type}`);
}

export function nodeText(node: PlanNode, w: W, lang: Language, names: CardNames): string {
  switch (node.type) {
    case 'wait':
      return w('wait_line', { span: span(node.for, lang) });
    case 'wait_until':
      return w('wait_until_line', { what: stepText(node.event, lang), span: span(node.timeout, lang) });
    case 'branch':
      return node.branches.map((branch) => `${branch.name}: ${clause(branch.condition, lang, { segment: names.segment })}`).join('; ');
    case 'split':
      return node.arms.map((arm) => `${arm.name} ${arm.weight}%`).join(' · ');
    case 'send':
      return node.template ? (names.template(node.template) ?? node.template) : w('send_unset');
    case 'exit':
      return w('exit_text');
  }
}

export function entryText(plan: Plan, w: W, lang: Language, names: CardNames): string {
  if ('event' in plan.entry) return plan.entry.event.name ? w('entry_event', { what: stepText(plan.entry.event, lang) }) : w('entry_unset');
  if (!plan.entry.segment) return w('entry_unset');
  const name = names.segment(plan.entry.segment) ?? plan.entry.segment;
  return w('entry_segment', { name: lang === 'zh' ? `「${name}」` : `“${name}”` }) + (plan.entry.include_present ? w('entry_present') : '');
}

export function outLabel(out: Out, w: W): string {
  return out.label === 'happened' || out.label === 'timeout' || out.label === 'otherwise' ? w(`out_${out.label}`) : out.label;
}

export function outLabels(node: PlanNode, w: W): { key: string; label: string; title: string }[] {
  return outs(node).map((out) => {
    const label = outLabel(out, w);
    return { key: out.key, label: out.to ? label : `${label} ·|`, title: out.to ? label : `${label} → ${w('to_end')}` };
  });
}

export function Frame({ icon: Icon, title, text, live }: { icon: typeof Clock; title: string; text: ReactNode; live?: ReactNode }) {
  return (
    <>
      <div className="jn-head">
        <span className="ico">
          <Icon size={12} aria-hidden />
        </span>
        <span className="cut">{title}</span>
      </div>
      <div className="jn-body">{text}</div>
      {live}
    </>
  );
}

export function NodeCard({ node, names, counts }: { node: PlanNode; names: CardNames; counts?: Counts }) {
  const w = useWords(jw);
  const lang = useLanguage();
  const own = counts?.nodes[node.id];
  return (
    <Frame
      icon={iconOf(node)}
      title={nodeTitle(node, w, lang)}
      text={nodeText(node, w, lang, names)}
      live={
        own ? (
          <div className="jn-live num">
            <span>
              {w('live_entered')} <b>{number(own.entered, lang)}</b>
            </span>
            {own.in > 0 && (
              <span>
                {w('live_in')} <b>{number(own.in, lang)}</b>
              </span>
            )}
          </div>
        ) : null
      }
    />
  );
}

export function EntryCard({ plan, names, entered }: { plan: Plan; names: CardNames; entered?: number }) {
  const w = useWords(jw);
  const lang = useLanguage();
  return (
    <Frame
      icon={LogIn}
      title={w('node_entry')}
      text={
        <>
          {entryText(plan, w, lang, names)}
          {plan.goal?.event.name && <div className="dim">{w('goal_line', { within: span(plan.goal.within, lang), what: stepText(plan.goal.event, lang) })}</div>}
        </>
      }
      live={
        entered ? (
          <div className="jn-live num">
            <span>
              {w('live_all')} <b>{number(entered, lang)}</b>
            </span>
          </div>
        ) : null
      }
    />
  );
}
