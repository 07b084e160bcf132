import { Outlet } from '@tanstack/react-router';
import { GateKeeper } from '../components/gate-keeper.tsx';
import { NoticesProvider } from '../components/ui/notices.tsx';

export function Root() {
  return (
    <NoticesProvider>
      <Outlet />
      <GateKeeper />
    </NoticesProvider>
  );
}
