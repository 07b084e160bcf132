import { curlPostLines } from '../../lib/curl-line.ts';
import { CodeBlock } from '../ui/code-block.tsx';
import { Fold } from '../ui/fold.tsx';
import { type ContainerDraft, containerDraftRead } from './container-draft.ts';
import { specBodyOf } from './spec-body.ts';

/** The request that the form sends, as it stands. */
export function ApiCall({ slug, draft }: { slug: string; draft: ContainerDraft }) {
  const { spec } = containerDraftRead(draft);
  return (
    <Fold title="As API call" summary="curl">
      {spec === undefined ? (
        <p className="text-sm text-soft">Correct the form to see its request.</p>
      ) : (
        <CodeBlock
          what="curl lines"
          text={curlPostLines(
            globalThis.location.origin,
            '/api/v1/containers/',
            slug,
            specBodyOf(spec),
          )}
        />
      )}
    </Fold>
  );
}
