import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { setupQuery } from '../../api/queries.ts';
import { buttonStyle } from '../ui/button-style.ts';
import { Empty } from '../ui/states.tsx';

/** In place of orgs, for people who are in none. */
export function OrgNone() {
  const { data: setup } = useQuery(setupQuery);
  const isOpen = setup?.org_creation === 'open';
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
