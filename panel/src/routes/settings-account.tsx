import { Page } from '../components/shell/page.tsx';

export function AccountPage() {
  return <Page title="Account">Soon</Page>;
}
