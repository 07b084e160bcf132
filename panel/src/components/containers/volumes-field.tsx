import type { Volume } from '@dollarbox/client';
import { useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { volumesQuery } from '../../api/org-queries.ts';
import { keyed } from '../../lib/row-key.ts';
import { Button } from '../ui/button.tsx';
import { Field, SelectField } from '../ui/field.tsx';
import { useFieldFault } from '../ui/form.tsx';
import { VolumeCreateDialog } from '../volumes/volume-create-dialog.tsx';
import type { ContainerDraft } from './container-draft.ts';

interface VolumesFieldProps {
  slug: string;
  /** The container whose volumes these are; undefined while it is created. */
  containerId?: number;
  mounts: ContainerDraft['volumes'];
  onChange: (mounts: ContainerDraft['volumes']) => void;
}

/** The volumes of a container, and where each is mounted. */
export function VolumesField({ slug, containerId, mounts, onChange }: VolumesFieldProps) {
  const { data: volumes = [] } = useQuery(volumesQuery(slug));
  const [isCreating, setIsCreating] = useState(false);
  const fault = useFieldFault('volumes');
  const free = volumes.filter(({ container }) => container === null || container === containerId);
  const used = new Set(mounts.map(({ volume }) => volume));
  const next = free.find(({ id }) => !used.has(String(id)));
  function mountSet(index: number, change: Partial<ContainerDraft['volumes'][number]>) {
    onChange(mounts.map((mount, at) => (at === index ? { ...mount, ...change } : mount)));
  }
  function mountAdd(volume: Volume | undefined) {
    const mountPath = volume === undefined ? '' : `/${volume.name}`;
    onChange([
      ...mounts,
      keyed({ volume: volume === undefined ? '' : String(volume.id), mountPath }),
    ]);
  }
  return (
    <div className="grid gap-4">
      {fault !== undefined && <p className="text-sm font-medium text-danger">{fault}</p>}
      {mounts.map((mount, index) => (
        <div
          key={mount.key}
          role="group"
          aria-label={`Mount ${index + 1}`}
          className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-2 gap-y-3 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]"
        >
          <div className="col-span-2 sm:col-span-1">
            <SelectField
              label="Volume"
              name={`volumes.${index}.volume`}
              value={mount.volume}
              onChange={(event) => mountSet(index, { volume: event.target.value })}
            >
              <option value="">Choose a volume</option>
              {volumes
                .filter(
                  ({ id }) => String(id) === mount.volume || free.some((one) => one.id === id),
                )
                .map(({ id, name, size_gb: size }) => (
                  <option key={id} value={String(id)}>
                    {name} ({size} GB)
                  </option>
                ))}
            </SelectField>
          </div>
          <Field
            label="Mount path"
            name={`volumes.${index}.mount_path`}
            value={mount.mountPath}
            placeholder="/var/lib/data"
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            className="font-mono"
            onChange={(event) => mountSet(index, { mountPath: event.target.value })}
          />
          <button
            type="button"
            aria-label={`Remove mount ${index + 1}`}
            onClick={() => onChange(mounts.filter((_, at) => at !== index))}
            className="mt-[1.625rem] grid size-10 place-items-center rounded-lg text-faint hover:bg-sunken hover:text-ink"
          >
            <X className="size-4" aria-hidden="true" />
          </button>
        </div>
      ))}
      <div className="flex flex-wrap gap-2">
        {next !== undefined && (
          <Button kind="secondary" size="small" onClick={() => mountAdd(next)}>
            <Plus className="size-4" aria-hidden="true" />
            Mount a volume
          </Button>
        )}
        <Button kind="secondary" size="small" onClick={() => setIsCreating(true)}>
          <Plus className="size-4" aria-hidden="true" />
          New volume
        </Button>
      </div>
      <VolumeCreateDialog
        slug={slug}
        isOpen={isCreating}
        onClose={() => setIsCreating(false)}
        onCreated={mountAdd}
      />
    </div>
  );
}
