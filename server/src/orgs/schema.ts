import { Type } from 'typebox';
import { PAGE_QUERY } from '../http/schema.ts';

export const OrgListQuery = Type.Object(PAGE_QUERY, { additionalProperties: false });

export const Org = Type.Object({
  slug: Type.String({ description: 'DNS label, the key of the org.' }),
  name: Type.String(),
  billing_email: Type.String(),
  status: Type.Enum(['active', 'suspended']),
  billing_mode: Type.String(),
  kubectl_enabled: Type.Boolean({ description: 'Whether kubectl credentials can be made.' }),
  api_enabled: Type.Boolean({ description: 'Whether tokens may use the API for this org.' }),
  role: Type.Enum(['owner', 'admin', 'member'], { description: "The caller's role." }),
  created_at: Type.String({ format: 'date-time' }),
});

const counter = Type.Object({
  limit: Type.Integer({ description: "The plan's limit." }),
  current: Type.Integer({ description: 'In use.' }),
});

export const OrgUsage = Type.Object({ containers: counter, volume_gb: counter });
