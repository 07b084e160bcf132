import { unwrap } from '@dollarbox/client';
import type { Account } from '@dollarbox/client/account';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { accountApi } from '../../api/client.ts';
import { problemOrNull } from '../../api/problem.ts';
import { keys } from '../../api/queries.ts';
import { useFaultNotify } from '../../api/use-fault-notify.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { useNotify } from '../ui/notices.tsx';
import { BackupCodes } from './backup-codes.tsx';
import { TwoFactorDialog } from './two-factor-dialog.tsx';

export function TwoFactorCard({ account }: { account: Account }) {
  const isOn = account.two_factor_enabled;
  const [isBeginning, setIsBeginning] = useState(false);
  return (
    <Card
      title="Two-factor"
      about="Require a code from an authenticator app, in addition to your password, to sign in and to create API tokens."
      aside={
        isOn ? (
          <Badge kind="brand">on</Badge>
        ) : (
          <Button size="small" onClick={() => setIsBeginning(true)}>
            Turn on
          </Button>
        )
      }
    >
      {isOn && <TwoFactorActions />}
      <TwoFactorDialog
        isOpen={isBeginning}
        email={account.email}
        onClose={() => setIsBeginning(false)}
      />
    </Card>
  );
}

function TwoFactorActions() {
  const queries = useQueryClient();
  const notify = useNotify();
  const faultNotify = useFaultNotify();
  const [isEnding, setIsEnding] = useState(false);
  const renew = useMutation({
    mutationFn: async () =>
      (await unwrap(accountApi.POST('/two-factor/backup-codes/'))).backup_codes,
    onError: faultNotify,
  });
  const end = useMutation({
    mutationFn: () => unwrap(accountApi.DELETE('/two-factor/')),
    async onSuccess() {
      await queries.invalidateQueries({ queryKey: keys.account });
      setIsEnding(false);
      notify('Two-factor authentication is off.');
    },
  });
  return (
    <div className="flex flex-wrap gap-2">
      <Button kind="secondary" size="small" isBusy={renew.isPending} onClick={() => renew.mutate()}>
        New backup codes
      </Button>
      <Button
        kind="secondary"
        size="small"
        onClick={() => {
          end.reset();
          setIsEnding(true);
        }}
      >
        Turn off
      </Button>
      <Dialog
        isOpen={renew.data !== undefined}
        onClose={renew.reset}
        isHeld
        title="Your new backup codes"
        about="Your previous backup codes no longer work."
      >
        <BackupCodes codes={renew.data ?? []} onDone={renew.reset} />
      </Dialog>
      <ConfirmDialog
        isOpen={isEnding}
        onClose={() => setIsEnding(false)}
        onConfirm={() => end.mutate()}
        title="Turn off two-factor authentication?"
        verb="Turn off"
        isBusy={end.isPending}
        faultMessage={problemOrNull(end.error)?.message}
      >
        You will sign in with your password only, and your backup codes will stop working.
      </ConfirmDialog>
    </div>
  );
}
