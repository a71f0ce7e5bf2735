// Where the wire writes one thing in two ways: the filter of an event is a `where` in a condition, and a condition in a plan or a funnel.
// The console knows the first form; this file turns one into the other on the way out and in.
import type { EventStep, FunnelQuestion, Journey, JourneyResult, OperationId, Plan, PlanNode, Where } from './types';

type Node = { [key: string]: unknown };

/** `{property: "value", gte: 1}` → `{property: {name: "value", gte: 1}}`, through all, any and not. */
export function asCondition(where: unknown): unknown {
  const node = where as Node;
  if ('property' in node && typeof node.property === 'string') {
    const { property, ...tests } = node;
    return { property: { name: property, ...tests } };
  }
  return through(node, asCondition);
}

export function asWhere(condition: unknown): unknown {
  const node = condition as Node;
  if (node.property && typeof node.property === 'object') {
    const { name, ...tests } = node.property as Node;
    return { property: name, ...tests };
  }
  return through(node, asWhere);
}

function through(node: Node, each: (inner: unknown) => unknown): unknown {
  if (Array.isArray(node.all)) return { all: node.all.map(each) };
  if (Array.isArray(node.any)) return { any: node.any.map(each) };
  if (node.not) return { not: each(node.not) };
  return node;
}

function step(one: EventStep, turn: (where: unknown) => unknown): EventStep {
  return one.where ? { ...one, where: turn(one.where) as Where } : one;
}

function plan(one: Plan, turn: (where: unknown) => unknown): Plan {
  const node = (each: PlanNode): PlanNode => (each.type === 'wait_until' ? { ...each, event: step(each.event, turn) } : each);
  return {
    ...one,
    entry: 'event' in one.entry ? { event: step(one.entry.event, turn) } : one.entry,
    goal: one.goal ? { ...one.goal, event: step(one.goal.event, turn) } : one.goal,
    nodes: one.nodes.map(node),
  };
}

export function outgoing(operation: OperationId, body: unknown): unknown {
  if (operation === 'POST /journeys' || operation === 'PUT /journeys/{id}') {
    const draft = body as { name: string; plan: Plan };
    return { ...draft, plan: plan(draft.plan, asCondition) };
  }
  if (operation === 'POST /analytics/funnels:run') {
    const question = body as FunnelQuestion;
    return { ...question, steps: question.steps.map((one) => step(one, asCondition)) };
  }
  return body;
}

export function incoming(operation: OperationId, answer: unknown): unknown {
  if (operation === 'GET /journeys/{id}/result') {
    const result = answer as JourneyResult;
    return { ...result, goal: result.goal && { ...result.goal, event: step(result.goal.event, asWhere) } };
  }
  const journey = answer as Partial<Journey>;
  if (!operation.includes('/journeys') || !journey.draft) return answer;
  return { ...journey, draft: plan(journey.draft, asWhere), published: journey.published && plan(journey.published, asWhere) };
}
