import {
  type ApplicationText,
  buildApplication,
  buildRouteMap,
  text_en as english,
} from '@stricli/core';
import { errorText } from './base/exit.ts';
import { exitCodeOf } from './base/exit.ts';
import type { CliContext } from './base/io.ts';
import { printable } from './base/printable.ts';
import { apiCall } from './commands/api.ts';
import { completion } from './commands/completion.ts';
import { containerCreate } from './commands/container-create.ts';
import { containerUpdate } from './commands/container-update.ts';
import {
  containerDelete,
  containerList,
  containerRestart,
  containerRoutes,
  containerStart,
  containerStop,
  containerWaitFor,
} from './commands/containers.ts';
import { contextRoutes } from './commands/context.ts';
import { eventList } from './commands/events.ts';
import { invitationRoutes } from './commands/invitations.ts';
import { kubeconfig, kubectlRoutes } from './commands/kubectl.ts';
import { login } from './commands/login.ts';
import { containerLogs } from './commands/logs.ts';
import { logout } from './commands/logout.ts';
import { memberRoutes } from './commands/members.ts';
import { open } from './commands/open.ts';
import { orgRoutes } from './commands/orgs.ts';
import { registryRoutes } from './commands/registries.ts';
import { containerStats } from './commands/stats.ts';
import { VERSION, version } from './commands/version.ts';
import { volumeRoutes } from './commands/volumes.ts';
import { whoami } from './commands/whoami.ts';

const routes = buildRouteMap<string, CliContext>({
  docs: {
    brief: 'Containers, each with an IPv6 address of its own',
    fullDescription:
      'Containers, each with an IPv6 address of its own.\n\nData goes to the standard output, everything else to the standard error. Objects are named by their name or id.',
  },
  routes: {
    create: containerCreate,
    ps: containerList,
    update: containerUpdate,
    delete: containerDelete,
    stop: containerStop,
    start: containerStart,
    restart: containerRestart,
    wait: containerWaitFor,
    logs: containerLogs,
    stats: containerStats,
    open,
    events: eventList,
    containers: containerRoutes,
    volumes: volumeRoutes,
    orgs: orgRoutes,
    members: memberRoutes,
    invitations: invitationRoutes,
    registries: registryRoutes,
    kubeconfig,
    kubectl: kubectlRoutes,
    login,
    logout,
    whoami,
    context: contextRoutes,
    api: apiCall,
    completion,
    version,
  },
});

const TEXT: ApplicationText = {
  ...english,
  exceptionWhileRunningCommand: (error) => printable(errorText(error)),
  exceptionWhileParsingArguments(error, isColored) {
    return `error: ${english.exceptionWhileParsingArguments.call(this, error, isColored)}`;
  },
  noCommandRegisteredForInput({ input, ...more }) {
    if (input.startsWith('-')) {
      return `error: The command comes first, then its flags, as in "dollarbox ps ${input} …".`;
    }
    return `error: ${english.noCommandRegisteredForInput({ input, ...more })}`;
  },
};

export const application = buildApplication<CliContext>(routes, {
  name: 'dollarbox',
  versionInfo: { currentVersion: VERSION },
  scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
  documentation: {
    caseStyle: 'convert-camel-to-kebab',
    useAliasInUsageLine: true,
    onlyRequiredInUsageLine: true,
  },
  localization: { text: TEXT },
  determineExitCode: exitCodeOf,
});
