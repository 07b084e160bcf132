import {
  type ContainerSpec,
  DRAFT_EMPTY,
  containerDraftRead,
  specFieldEqual,
} from './container-draft.ts';

/** A spec without what is as it would be anyway, to read and to type. */
export function specBodyOf(spec: ContainerSpec): Partial<ContainerSpec> {
  const defaults = containerDraftRead(DRAFT_EMPTY).spec ?? spec;
  const fields = Object.keys(spec) as (keyof ContainerSpec)[];
  const changed = fields.filter(
    (field) => field === 'name' || field === 'image' || !specFieldEqual(field, spec, defaults),
  );
  return Object.fromEntries(changed.map((field) => [field, spec[field]]));
}
