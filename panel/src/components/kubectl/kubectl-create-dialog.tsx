import { unwrap } from '@dollarbox/client';
import type { components } from '@dollarbox/client/schema';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { api } from '../../api/client.ts';
import { orgKeys } from '../../api/org-queries.ts';
import { CreateDialog } from '../shell/create-dialog.tsx';
import { Button } from '../ui/button.tsx';
import { buttonStyle } from '../ui/button-style.ts';
import { Callout } from '../ui/callout.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Field, SelectField } from '../ui/field.tsx';
import { Form, type FormSending } from '../ui/form.tsx';

type Made = components['schemas']['KubectlCredentialMade'];

/** How long a credential can be valid, in seconds. Not given: until it is revoked. */
const TERMS = [
  { value: '', text: 'No expiry' },
  { value: '3600', text: '1 hour' },
  { value: '86400', text: '1 day' },
  { value: '2592000', text: '30 days' },
  { value: '31536000', text: '1 year' },
] as const;

interface KubectlCreateDialogProps {
  slug: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Creates a credential and shows its kubeconfig once. */
export function KubectlCreateDialog({ slug, isOpen, onClose }: KubectlCreateDialogProps) {
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: ({ name = '', term = '' }: Record<string, string>) =>
      unwrap(
        api.POST('/kubectl-credentials/', {
          params: { query: { org: slug } },
          body: {
            ...(name.trim() === '' ? {} : { name: name.trim() }),
            ...(term === '' ? {} : { expires_in: Number(term) }),
          },
        }),
      ),
    onSuccess: () => void queries.invalidateQueries({ queryKey: orgKeys.kubectl(slug) }),
  });
  return (
    <CreateDialog
      isOpen={isOpen}
      onClose={onClose}
      create={create}
      title="New kubectl credential"
      about="You get a kubeconfig for this org’s namespace."
      renderForm={(sending) => <CredentialForm {...sending} />}
      shown={(made, onDone) => ({
        title: 'Your kubeconfig',
        about: 'Save it now. You won’t be able to see it again.',
        body: <KubeconfigShown made={made} onDone={onDone} />,
      })}
    />
  );
}

function CredentialForm(sending: FormSending) {
  return (
    <Form label="New kubectl credential" {...sending}>
      <Field
        label="Name"
        name="name"
        autoComplete="off"
        placeholder="laptop"
        autoFocus
        hint="Optional. For example, where you will use it."
      />
      <SelectField label="Expires in" name="term" defaultValue="">
        {TERMS.map(({ value, text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </SelectField>
      <div className="flex justify-end">
        <Button type="submit" isBusy={sending.isBusy}>
          Create credential
        </Button>
      </div>
    </Form>
  );
}

function KubeconfigShown({ made, onDone }: { made: Made; onDone: () => void }) {
  const file = `dollarbox-${made.org}.kubeconfig`;
  return (
    <div className="grid gap-5">
      <Callout kind="success" role="status">
        The credential is ready to use.
      </Callout>
      <div className="flex flex-wrap gap-2">
        <a
          className={buttonStyle('secondary', 'small')}
          href={`data:application/yaml;charset=utf-8,${encodeURIComponent(made.kubeconfig)}`}
          download={file}
        >
          <Download className="size-3.5" aria-hidden="true" />
          Download
        </a>
        <CopyButton text={made.kubeconfig} what="kubeconfig" />
      </div>
      <CodeBlock what="kubectl lines" text={kubectlLines(`~/Downloads/${file}`)} />
      <div className="flex justify-end">
        <Button onClick={onDone}>Done</Button>
      </div>
    </div>
  );
}

/** The first things to try with a kubeconfig. */
function kubectlLines(path: string): string {
  return [`export KUBECONFIG=${path}`, 'kubectl get pods', 'kubectl get quota'].join('\n');
}
