import { buildCommand } from '@stricli/core';
import type { CliContext } from '../base/io.ts';

/** What a shell calls to complete a line: the words up to the cursor, the last one perhaps begun. */
export const COMPLETE = '__complete';

const SCRIPTS = {
  bash: `_dollarbox() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  mapfile -t COMPREPLY < <(dollarbox ${COMPLETE} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1)
}
complete -o default -F _dollarbox dollarbox
`,
  zsh: `#compdef dollarbox
_dollarbox() {
  local -a found
  local line
  while IFS=$'\\t' read -r value brief; do
    found+=("\${value//:/\\\\:}:$brief")
  done < <(dollarbox ${COMPLETE} "\${words[@]:1:$((CURRENT - 1))}" 2>/dev/null)
  if (( \${#found} )); then _describe dollarbox found; else _files; fi
}
compdef _dollarbox dollarbox
`,
  fish: `function __dollarbox_complete
  set -l words (commandline --tokenize --cut-at-cursor)
  dollarbox ${COMPLETE} $words[2..] (commandline --current-token --cut-at-cursor) 2>/dev/null
end
complete --command dollarbox --no-files --arguments '(__dollarbox_complete)'
`,
} as const;

type Shell = keyof typeof SCRIPTS;
const SHELLS = Object.keys(SCRIPTS) as Shell[];

export const completion = buildCommand({
  docs: {
    brief: 'Print what makes a shell complete commands and names',
    customUsage: [
      { input: 'bash > ~/.local/share/bash-completion/completions/dollarbox', brief: 'For bash' },
      { input: 'zsh > "${fpath[1]}/_dollarbox"', brief: 'For zsh' },
      { input: 'fish > ~/.config/fish/completions/dollarbox.fish', brief: 'For fish' },
    ],
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: shellParse,
          placeholder: 'shell',
          brief: SHELLS.join(', '),
          proposeCompletions: (partial: string) =>
            SHELLS.filter((name) => name.startsWith(partial)),
        },
      ],
    },
  },
  func(this: CliContext, _flags: object, shell: Shell) {
    this.io.stdout.write(SCRIPTS[shell]);
  },
});

function shellParse(text: string): Shell {
  const shell = SHELLS.find((name) => name === text);
  if (shell === undefined) throw new SyntaxError(`There are ${SHELLS.join(', ')}.`);
  return shell;
}
