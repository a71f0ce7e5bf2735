// A run on its way: which of its three parts it is at, how far, and a way to stop.
import { useMutation } from '@tanstack/react-query';
import { call } from '../../../lib/api';
import type { Model, Progress } from '../../../lib/api/models';
import { useWords } from '../../../lib/i18n';
import { queries } from '../../../lib/query';
import { useToast } from '../../../ui/feedback';
import { LongWork } from '../../../ui/long-work';
import '../models.css';
import { mw } from '../words';

const STAGES = ['reading', 'learning', 'applying'] as const;

export function RunProgress({ model, progress, able }: { model: Model; progress: Progress; able: boolean }) {
  const w = useWords(mw);
  const toast = useToast();
  const cancel = useMutation({
    mutationFn: () => call('POST /models/{id}:cancel', { path: { id: model.id } }),
    onSuccess: () => {
      toast.done(w('cancelling'));
      void queries.invalidateQueries({ queryKey: ['models'] });
    },
    onError: toast.failed,
  });
  const at = STAGES.indexOf(progress.stage);
  return (
    <div className="panel">
      <div className="body stack" style={{ paddingTop: 14 }}>
        <ol className="stages">
          {STAGES.map((stage, i) => <li key={stage} className={i < at ? 'past' : undefined} aria-current={i === at ? 'step' : undefined}>{w(`stage_${stage}`)}</li>)}
        </ol>
        <LongWork done={progress.done} total={progress.total} label={w(`stage_${progress.stage}`)} onCancel={able ? () => cancel.mutate() : undefined} cancelling={cancel.isPending} />
      </div>
    </div>
  );
}
