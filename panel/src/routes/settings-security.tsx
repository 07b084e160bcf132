import { Page } from '../components/shell/page.tsx';

export function SecurityPage() {
  return <Page title="Security">Soon</Page>;
}
