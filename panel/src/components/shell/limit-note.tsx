import { Callout } from '../ui/callout.tsx';

/** Says that a plan is used up, and who can change that. */
export function LimitNote({ slug, what, limit }: { slug: string; what: string; limit: number }) {
  return (
    <Callout kind="warning" title={`All ${limit} ${what} of the plan are in use`}>
      Delete what you no longer need, or ask the operator of this installation for a higher limit (
      <code className="font-mono">dollarbox-admin org-limits --org {slug}</code>).
    </Callout>
  );
}
