// The face of the condition builder.
export { ConditionBuilder, type BuilderProps } from './builder';
export { Choose, EventChoose, FactChoose, SpanEdit, StepEdit, TestEdit } from './controls';
export { type Facts, NO_FACTS } from './facts';
export { clause, sentence, stepText, type Names } from './sentence';
export { faults, isSpan, rooted, same, size } from './tree';
