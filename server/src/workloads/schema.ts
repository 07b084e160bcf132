import { type Static, Type } from 'typebox';
import { pageQuerySchema } from '../http/schema.ts';

export const WorkloadListQuery = pageQuerySchema({
  name: Type.Optional(Type.String({ description: 'Only workloads of this name.' })),
});

const amount = (description: string) => Type.Integer({ format: 'int64', description });

export const Workload = Type.Object(
  {
    kind: Type.String({
      description: 'As Kubernetes calls it: `Pod`, `PersistentVolumeClaim`, `Service`.',
    }),
    name: Type.String({ description: 'Unique among those of its kind.' }),
    owner: Type.Union(
      [
        Type.Object({
          kind: Type.String({ description: 'Such as `Deployment`, `StatefulSet` or `Job`.' }),
          name: Type.String({ description: 'Its name.' }),
        }),
        Type.Null(),
      ],
      { description: 'What created it and keeps it; `null`: a person did.' },
    ),
    uses: Type.Object(
      {
        containers: amount("Of the plan's containers: 1 for a pod, 0 for one that has ended."),
        memory_bytes: amount(
          "The most that it may use. All pods together, the panel's too, may have 1 GiB for each of the plan's containers.",
        ),
        volume_gb: Type.Number({ description: "Of the plan's GB of volumes." }),
        addresses: amount('IPv6 addresses of its own.'),
      },
      { description: "What it has of the org's limits." },
    ),
    created_at: Type.String({ format: 'date-time', description: 'When it was created.' }),
  },
  {
    title: 'Workload',
    description: "What somebody runs in the org's namespace with kubectl.",
    examples: [
      {
        kind: 'Pod',
        name: 'web-5d9c7b8f6-x2x7k',
        owner: { kind: 'Deployment', name: 'web' },
        uses: { containers: 1, memory_bytes: 134217728, volume_gb: 0, addresses: 0 },
        created_at: '2026-11-02T09:20:00.000Z',
      },
    ],
  },
);
export type Workload = Static<typeof Workload>;
