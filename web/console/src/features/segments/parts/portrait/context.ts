// What every part of a portrait needs: what the two sides are called, and a way to make a segment.
import { createContext, useContext } from 'react';
import type { Condition } from '../../../../lib/api';
import type { useFacts } from '../../../../lib/use-facts';
import type { FeatureText } from './feature-text';

type Shared = {
  /** The others: 其他人, or the segment they are compared with. */
  rest: string;
  text: FeatureText;
  facts: ReturnType<typeof useFacts>;
  /** Absent for whoever may not make segments. */
  make?: (name: string, condition: Condition) => void;
};
export const PortraitContext = createContext<Shared | null>(null);

export function usePortrait(): Shared {
  const shared = useContext(PortraitContext);
  if (!shared) throw new Error('a part of a portrait outside a portrait');
  return shared;
}

/** For a row's button: nothing when no condition says it, or when they may not. */
export function useMaker(): (label: string, condition: Condition | null) => { label: string; onMake: () => void } | undefined {
  const { make } = usePortrait();
  return (label, condition) => (make && condition ? { label, onMake: () => make(label, condition) } : undefined);
}
