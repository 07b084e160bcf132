import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { classes } from './classes.ts';

const ITEM =
  'flex min-h-9 w-full items-center gap-2.5 rounded-md px-2.5 text-sm text-ink outline-none data-[highlighted]:bg-sunken';

interface MenuProps {
  /** The button that opens the menu: one element that accepts a ref. */
  trigger: ReactNode;
  align?: 'start' | 'end';
  children: ReactNode;
}

/** A menu that opens from a button. It is a landmark of its own, since it stands outside of those of the page. */
export function Menu({ trigger, align = 'start', children }: MenuProps) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <div role="region" aria-label="Menu">
          <Radix.Content
            align={align}
            sideOffset={6}
            collisionPadding={8}
            className="z-50 max-h-[70vh] max-w-80 min-w-56 animate-rise overflow-y-auto rounded-xl border border-line bg-surface p-1.5 shadow-lifted"
          >
            {children}
          </Radix.Content>
        </div>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** An action, or, with `asChild`, a link. */
export function MenuItem({
  onSelect,
  children,
  asChild = false,
}: {
  onSelect?: () => void;
  children: ReactNode;
  asChild?: boolean;
}) {
  return (
    <Radix.Item asChild={asChild} {...(onSelect ? { onSelect } : {})} className={ITEM}>
      {children}
    </Radix.Item>
  );
}

/** One of several choices, exactly one of which is selected. */
export function MenuChoice<T extends string>({
  label,
  value,
  choices,
  onChoose,
}: {
  label: string;
  value: T;
  choices: readonly { value: T; text: string; icon: ReactNode }[];
  onChoose: (value: T) => void;
}) {
  return (
    <Radix.RadioGroup
      value={value}
      aria-label={label}
      onValueChange={(next) => {
        const chosen = choices.find((choice) => choice.value === next);
        if (chosen) onChoose(chosen.value);
      }}
    >
      <MenuLabel>{label}</MenuLabel>
      {choices.map((choice) => (
        <Radix.RadioItem
          key={choice.value}
          value={choice.value}
          className={classes(
            ITEM,
            'data-[state=checked]:font-semibold data-[state=checked]:text-brand',
          )}
        >
          {choice.icon}
          {choice.text}
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2.5 pt-2 pb-1 text-xs text-faint">{children}</Radix.Label>;
}

export function MenuSeparator() {
  return <Radix.Separator className="-mx-1.5 my-1.5 h-px bg-line" />;
}
