// The result of a run, by the kind of its model.
import type { Model, Results } from '../../../../lib/api/models';
import '../../models.css';
import { AbcView } from './abc';
import { ClustersView } from './clusters';
import { PreferenceView } from './preference';
import { RfmView } from './rfm';
import { ScoreView } from './score';
import { TreeView } from './tree';

type Props = { model: Model; result: Results[keyof Results]; onName?: (value: string, name: string) => void };

export function ResultView({ model, result, onName }: Props) {
  switch (model.kind) {
    case 'clusters':
      return <ClustersView model={model} result={result as Results['clusters']} onName={onName} />;
    case 'tree':
      return <TreeView model={model} result={result as Results['tree']} />;
    case 'rfm':
      return <RfmView model={model} result={result as Results['rfm']} />;
    case 'abc':
      return <AbcView model={model} result={result as Results['abc']} />;
    case 'preference':
      return <PreferenceView model={model} result={result as Results['preference']} />;
    case 'look_alike':
    case 'propensity':
      return <ScoreView model={model} result={result as Results['propensity']} />;
  }
}
