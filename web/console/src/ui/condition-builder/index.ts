// The face of the condition builder.
export { ConditionBuilder, type BuilderProps } from './builder';
export { Choose, EventChoose, FactChoose, SpanEdit, StepEdit, TestEdit } from './controls';
export { type Facts, NO_FACTS, freshTest, namesOf } from './facts';
export { type Grammar, GroupEditor, Negated } from './group-editor';
export { type Fault, bare, denied, faultsOf, rooted, size } from './groups';
export { clause, clauseOf, sentence, stepText, testText, type Names } from './sentence';
export { faults, hasOperand, isSpan, same } from './tree';
