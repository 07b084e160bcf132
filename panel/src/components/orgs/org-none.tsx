import { Link } from '@tanstack/react-router';
import { useOrgCreation } from '../../api/org-creation.ts';
import { buttonStyle } from '../ui/button-style.ts';
import { Empty } from '../ui/states.tsx';

/** In place of orgs, for people who are in none. */
export function OrgNone() {
  const isOpen = useOrgCreation() === 'open';
  return (
    <div className="rounded-xl border border-dashed border-edge">
      <Empty
        title="You’re not in an org yet"
        action={
          isOpen && (
            <Link to="/new-org" className={buttonStyle()}>
              Create an org
            </Link>
          )
        }
      >
        {isOpen
          ? 'Create your own, or ask a colleague to invite you to theirs.'
          : 'Ask a colleague to invite you to theirs, or the operator of this installation to create one for you.'}
      </Empty>
    </div>
  );
}
