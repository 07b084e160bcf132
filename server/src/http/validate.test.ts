import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Type } from 'typebox';
import { ContainerCreate } from '../containers/schema.ts';
import { validatorCompile } from './validate.ts';

const validate = validatorCompile(ContainerCreate);
const good = { name: 'web', image: 'nginx:1.27' };

/** A list in a list in a list …, as deep as a body of 1 MiB can hold. */
function deepCreate(depth: number): unknown {
  let value: unknown = [];
  for (let index = 1; index < depth; index += 1) value = [value];
  return value;
}

function valuesCount(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, item) => sum + valuesCount(item), 1);
}

describe('a good value', () => {
  it('is passed on as it is', () => {
    const value = { ...good, env: { A: '1', B: '' }, command: ['a', ''], ports: [80, 443] };
    assert.deepEqual(validate(value), { faults: {}, bounded: value });
  });
});

describe('a large value', () => {
  const numbers = Array.from({ length: 100_000 }, (_, index) => index);
  const keys = Object.fromEntries(numbers.map((index) => [`k${index}`, index]));

  for (const [what, junk] of Object.entries({ 'a list': numbers, 'an object': keys })) {
    it(`is not gone through where the schema knows nothing of it: ${what}`, () => {
      for (const value of [
        { ...good, junk },
        { ...good, name: junk },
        { ...good, env: { A: junk } },
        { ...good, command: [junk] },
        { ...good, ports: [junk] },
        { ...good, volumes: [{ volume: junk, mount_path: '/a' }] },
        { ...good, volumes: [{ volume: 1, mount_path: '/a', junk }] },
      ]) {
        const { faults, bounded } = validate(value);
        assert.notDeepEqual(faults, {});
        assert.ok(valuesCount(bounded) < 20, `${valuesCount(bounded)} values`);
      }
    });

    it(`is told in few words where it has more than it may: ${what}`, () => {
      for (const value of [junk, { ...good, env: junk }, { ...good, volumes: [junk] }]) {
        const { faults, bounded } = validate(value);
        assert.ok(Object.keys(faults).length < 300, `${Object.keys(faults).length} faults`);
        assert.ok(valuesCount(bounded) < 300, `${valuesCount(bounded)} values`);
      }
    });
  }

  it('is refused when the schema sets no bounds', () => {
    const open = validatorCompile(Type.Object({ all: Type.Array(Type.Integer()) }));
    assert.deepEqual(open({ all: numbers }).faults, { '': ['Must have at most 10000 values.'] });
    assert.deepEqual(open({ all: numbers.slice(0, 9998) }).faults, {});
  });
});

describe('a deep value', () => {
  it('is a fault like any other', () => {
    const deep = deepCreate(200_000);
    const at = (value: unknown): string[] => Object.keys(validate(value).faults);
    assert.deepEqual(at({ ...good, ports: [deep] }), ['ports.0']);
    assert.deepEqual(at({ ...good, env: { A: deep } }), ['env.A']);
    assert.deepEqual(at({ ...good, junk: deep }), ['junk']);
    assert.deepEqual(at(deep), ['']);
  });
});

describe('text that can not be stored', () => {
  it('is reported wherever the schema has text', () => {
    const { faults } = validate({
      name: 'web',
      image: 'a\0',
      env: { A: '\ud800' },
      command: ['x', '\0\udfff'],
    });
    const nul = 'Must not contain the character U+0000.';
    const half = 'Must be well-formed Unicode: it has half of a surrogate pair.';
    assert.deepEqual(faults, { image: [nul], 'env.A': [half], 'command.1': [nul, half] });
  });
});

describe('a value that is one of several', () => {
  it('is refused with the values that there are', () => {
    const policy = Type.Enum(['if_not_present', 'always']);
    const check = validatorCompile(Type.Object({ policy }));
    const faults = { policy: ['Must be one of if_not_present, always.'] };
    assert.deepEqual(check({ policy: 'never' }).faults, faults);
    assert.deepEqual(check({ policy: null }).faults, faults);
    assert.deepEqual(check({ policy: 'always' }).faults, {});
  });

  it('has the sentence of the whole, not those of each alternative', () => {
    const sentence = 'Must be a letter, or empty.';
    const letter = Type.String({ pattern: '^[a-z]$', fault: 'Must be a letter.' });
    const either = Type.Union([Type.Literal(''), letter], { fault: sentence });
    const check = validatorCompile(Type.Object({ mark: either }));
    assert.deepEqual(check({ mark: '!' }).faults, { mark: [sentence] });
    assert.deepEqual(check({ mark: '' }).faults, {});
  });
});
