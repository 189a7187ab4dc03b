import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { CliContext } from './context.ts';
import { printable } from './display/printable.ts';
import { styleFor } from './display/style.ts';
import { formatTable } from './display/table.ts';

/** One line of the menu: what it says, and the commands that it runs, one after the other. */
interface Choice {
  readonly title: string;
  readonly commands: readonly (readonly string[])[];
  /** Asks before the last command. */
  readonly question?: string | undefined;
}

/**
 * Shows the menu of a kit, as after a double click on its launcher, until the user leaves it. `run` runs a command as the
 * command line does. Returns the exit status of the last command.
 */
export async function showMenu(
  context: CliContext,
  kit: string,
  run: (argv: readonly string[]) => Promise<number>,
): Promise<number> {
  const { stdin, stdout, stderr, env, signal } = context;
  const { bundlesIn } = await import('../steps/kit.ts');
  const style = styleFor(stdout, env);
  const bundles = await bundlesIn(kit, { signal });
  if (bundles.length === 0) {
    stderr.write(`There is no bundle in "${printable(kit)}": copy one there, beside this program\n`);
    return 0;
  }
  const lines = createInterface({ input: stdin, terminal: false, signal });
  const answers = lines[Symbol.asyncIterator]();
  const ask = async (question: string): Promise<string | undefined> => {
    stdout.write(question);
    const { value, done } = await answers.next();
    return done === true ? undefined : value.trim();
  };
  let status = 0;
  const choices = bundles.flatMap(({ file }) => choicesFor(file, join(kit, file), bundles.length > 1));
  try {
    for (;;) {
      stdout.write(
        [
          '',
          ...bundles.map(
            ({ file, name, root }) => `${style('strong', printable(name))}  ${printable(file)}  ${root}`,
          ),
          '',
          formatTable([...choices.map(({ title }, index) => [String(index + 1), title]), ['q', 'Leave']], {
            indent: '  ',
          }),
          '',
        ].join('\n'),
      );
      const answer = await ask('Number: ');
      if (answer === undefined || /^q/i.test(answer)) return status;
      const choice = choices[Number(answer) - 1];
      if (choice === undefined) {
        stdout.write(`There is no "${printable(answer)}" here\n`);
        continue;
      }
      for (const [index, argv] of choice.commands.entries()) {
        const isLast = index === choice.commands.length - 1;
        if (isLast && choice.question !== undefined && !/^y/i.test((await ask(choice.question)) ?? '')) break;
        status = await run(argv);
        if (status !== 0) break;
      }
    }
  } finally {
    lines.close();
  }
}

function choicesFor(file: string, path: string, isNamed: boolean): readonly Choice[] {
  const of = isNamed ? ` ${printable(file)}` : '';
  return [
    { title: `Verify${of}: check every byte`, commands: [['verify', path]] },
    { title: `Show${of}: what is inside`, commands: [['inspect', path]] },
    {
      title: `Install${of} for this user: a dry run first`,
      commands: [
        ['install', path, '--dry-run'],
        ['install', path],
      ],
      question: 'Install that? [y/N] ',
    },
    {
      title: `Serve${of} to this host until Ctrl-C: a registry, and a page to look at`,
      commands: [['serve', path]],
    },
  ];
}
