/** Interprets what the isolation probe found: no calls, no state. */
import type { IsolationReport } from '../../contract.ts';

export interface ProbeFindings {
  /** Sentences about pods in an org's namespace that reached what they may not. */
  reached: readonly string[];
  /** Sentences about connections that should work and did not. */
  silent: readonly string[];
  /** Sentences about objects that the cluster accepted in an org's namespace and should have refused. */
  accepted: readonly string[];
}

/** The report of a probe that could not run. */
export function unknownReport(reason: string, remedy: string): IsolationReport {
  return {
    state: 'unknown',
    findings: [`Isolation could not be probed: ${reason}`],
    remedies: [remedy],
  };
}

export function isolationReport({ reached, silent, accepted }: ProbeFindings): IsolationReport {
  const findings = [...reached, ...accepted, ...silent];
  if (findings.length === 0) return { state: 'isolated', findings: [], remedies: [] };
  const remedies = [
    ...(reached.length > 0
      ? ['Use a network plugin that enforces NetworkPolicy, such as Cilium or Calico.']
      : []),
    ...(accepted.length > 0
      ? ['Apply the policies: kubectl apply -f engines/kubernetes/policies.yaml']
      : []),
    ...(silent.length > 0
      ? ["Let pods of one namespace reach each other: look at the network plugin's own policies."]
      : []),
  ];
  const isWeak = reached.length > 0 || accepted.length > 0;
  return { state: isWeak ? 'weak' : 'unknown', findings, remedies };
}
