import type { ContainerRow } from '../../api/org-queries.ts';
import { exitCodeOf, exitCodeText } from '../../lib/exit-codes.ts';
import { reasonAdvice, reasonText } from '../../lib/reasons.ts';
import { useNow } from '../../lib/use-now.ts';
import { Moment } from '../shell/moment.tsx';
import { useOrg } from '../shell/org-context.ts';
import { TextLink } from '../shell/text-link.tsx';
import { Callout } from '../ui/callout.tsx';
import { isRollingOut, wishOf } from './status-words.ts';

/** Why a container is not as it was asked to be: the reason, its evidence, and what to do. */
export function StatusExplained({ container }: { container: ContainerRow }) {
  const { status, status_reason: reason, generation, observed_generation: observed } = container;
  const wish = wishOf(container);
  if (wish === 'stop') {
    return (
      <Callout title="Stopping">
        Its process is asked to end, and killed if it has not after{' '}
        {secondsText(container.stop_grace_seconds)}.
        <Evidence text={container.status_message} />
      </Callout>
    );
  }
  if (wish === 'restart' && reason === null && !isRollingOut(container)) {
    return (
      <Callout title="Restarting">
        A new process of the same version takes the place of this one, which has up to{' '}
        {secondsText(container.stop_grace_seconds)} to end.
        <Evidence text={container.status_message} />
      </Callout>
    );
  }
  if (isRollingOut(container)) {
    return (
      <Callout title={`Rolling out version ${generation}`} role="status">
        Version {observed} keeps running until the image of version {generation} is there.
        <Evidence text={container.status_message} />
      </Callout>
    );
  }
  if (status === 'pending') {
    return (
      <Callout title={observed === 0 ? 'Being created' : 'Starting'} role="status">
        The engine {observed === 0 ? 'pulls the image and starts it' : 'starts it again'}. This page
        changes by itself.
        <Evidence text={container.status_message} />
      </Callout>
    );
  }
  if (reason !== null) {
    const isKept = status === 'running' && observed < generation;
    return (
      <Callout
        kind={status === 'running' ? 'warning' : 'danger'}
        title={
          isKept
            ? `Version ${generation} can’t be applied: ${reasonText(reason).toLowerCase()}`
            : reasonText(reason)
        }
        role="status"
      >
        {isKept && <p>Version {observed} keeps running. </p>}
        <Evidence text={container.status_message} />
        <ExitCode message={container.status_message} />
        <NextTry at={container.next_retry_at} />
        {reasonAdvice(reason) !== null && <p className="mt-2 text-soft">{reasonAdvice(reason)}</p>}
        {ENDED.has(reason) && <Next name={container.name} />}
      </Callout>
    );
  }
  if (status === 'stopped') {
    return (
      <Callout title="Stopped" role="status">
        It keeps its address and its volumes, and counts against the limit of containers.
        <Evidence text={container.status_message} />
      </Callout>
    );
  }
  return null;
}

function secondsText(seconds: number): string {
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}

/** Reasons that a process which has ended gives. */
const ENDED = new Set(['exited', 'crash_loop', 'out_of_memory']);

function ExitCode({ message }: { message: string | null }) {
  const code = exitCodeOf(message);
  const text = code === null ? null : exitCodeText(code);
  return text !== null && <p className="mt-2">{text}</p>;
}

/** When what has failed is tried again. */
function NextTry({ at }: { at: string | null }) {
  const now = useNow();
  if (at === null) return null;
  return (
    <p className="mt-2">
      Next try {Date.parse(at) > now.getTime() ? <Moment at={at} /> : 'within moments'}.
    </p>
  );
}

/** Where the cause can be found and removed. */
function Next({ name }: { name: string }) {
  const { slug } = useOrg();
  const params = { slug, name };
  return (
    <p className="mt-2">
      <TextLink to="/orgs/$slug/containers/$name/logs" params={params}>
        Read the logs
      </TextLink>
      {', check the '}
      <TextLink to="/orgs/$slug/containers/$name/env" params={params}>
        variables
      </TextLink>
      {', or change the '}
      <TextLink to="/orgs/$slug/containers/$name/settings" params={params}>
        image and command
      </TextLink>
      .
    </p>
  );
}

/** The sentence of the server, and the last lines of output that it may contain. */
function Evidence({ text }: { text: string | null }) {
  if (text === null || text === '') return null;
  const [sentence = '', ...lines] = text.split('\n');
  return (
    <>
      <p>{sentence}</p>
      {lines.length > 0 && (
        <pre
          tabIndex={0}
          role="region"
          aria-label="Last lines"
          className="mt-2 max-h-64 overflow-auto rounded-md bg-surface px-3 py-2 font-mono text-sm whitespace-pre-wrap wrap-anywhere"
        >
          {lines.join('\n')}
        </pre>
      )}
    </>
  );
}

/** What the engine noticed about a process that runs. */
export function ContainerWarnings({ container }: { container: ContainerRow }) {
  if (container.status !== 'running') return null;
  return container.warnings.map(({ code, message }) => (
    <Callout
      key={code}
      kind="warning"
      title={reasonText(code).replace(/^./, (one) => one.toUpperCase())}
    >
      {message}
    </Callout>
  ));
}

/** How often it was restarted, and when it was last changed. */
export function ContainerFacts({ container }: { container: ContainerRow }) {
  return (
    <dl className="grid grid-cols-2 gap-x-8 gap-y-4 text-sm sm:grid-cols-4">
      <Fact term="Version">{versionText(container)}</Fact>
      <Fact term="Restarts">{container.restart_count}</Fact>
      <Fact term="Changed">
        <Moment at={container.updated_at} />
      </Fact>
      <Fact term="Created">
        <Moment at={container.created_at} />
      </Fact>
    </dl>
  );
}

/** Which version runs, and which is wanted if that is another one. */
function versionText(container: ContainerRow): string {
  const { status, generation, observed_generation: observed } = container;
  if (observed === generation || status === 'pending') return String(generation);
  if (status === 'running') return `${observed} runs, ${generation} wanted`;
  return observed === 0 ? `${generation}, never run` : `${generation}, last run ${observed}`;
}

function Fact({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div className="grid gap-0.5">
      <dt className="text-faint">{term}</dt>
      <dd className="font-medium tabular-nums">{children}</dd>
    </div>
  );
}
