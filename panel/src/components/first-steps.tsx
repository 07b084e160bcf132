import { curlCreateLines } from '../lib/curl-line.ts';
import { TextLink } from './shell/text-link.tsx';
import { Card } from './ui/card.tsx';
import { CodeBlock } from './ui/code-block.tsx';

/** From nothing to a container that runs. */
export function FirstSteps({ org }: { org: string }) {
  return (
    <Card title="First steps" about="From nothing to a running container in three steps.">
      <ol className="grid gap-6">
        <Step number={1} title="Make an API token">
          <p className="text-sm text-soft">
            With the scope <em>write</em>, on the page{' '}
            <TextLink to="/settings/api-tokens/">API tokens</TextLink>. It is shown once: keep it in
            a variable.
          </p>
          <CodeBlock what="Shell line" text="export DOLLARBOX_TOKEN=dbx_…" />
        </Step>
        <Step number={2} title="Ask for a container">
          <CodeBlock what="curl lines" text={curlCreateLines(globalThis.location.origin, org)} />
        </Step>
        <Step number={3} title="Open its address">
          <p className="text-sm text-soft">
            The reply has an <code className="font-mono">ipv6_address</code> of its own. When the
            status is <code className="font-mono">running</code>, it answers the machine that
            DollarBox runs on, and all others if the operator has set{' '}
            <code className="font-mono">IPV6_PREFIX</code>. Everything else stands in the{' '}
            <a
              href="/api/v1/docs/"
              className="font-medium text-brand underline decoration-brand/40 underline-offset-4 hover:decoration-brand"
            >
              API documents
            </a>
            .
          </p>
        </Step>
      </ol>
    </Card>
  );
}

function Step({
  number,
  title,
  children,
}: {
  number: number;
  title: string;
  children: React.ReactNode;
}) {
  return (
    <li className="grid grid-cols-[1.75rem_minmax(0,1fr)] gap-x-3 gap-y-3">
      <span
        aria-hidden="true"
        className="grid size-7 place-items-center rounded-full bg-brand-soft text-sm font-semibold text-brand"
      >
        {number}
      </span>
      <h3 className="self-center font-medium">{title}</h3>
      <div className="col-start-2 grid gap-3">{children}</div>
    </li>
  );
}
