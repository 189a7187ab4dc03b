import { checkChoice, optionsOf, type TargetChoice } from '../targets/choice.ts';
import type { TargetOption } from '../targets/kind.ts';
import { TARGETS } from '../targets/targets.ts';
import { BaseCommand } from './base-command.ts';
import { choiceOption, listOption, placeOption, valueOption } from './options/declare.ts';

/** The options of a command that deals with targets: which, where, and how they are filled. */
export abstract class TargetCommand extends BaseCommand {
  constructor() {
    super();
    // The library finds the options of a command among the fields that a new one has.
    for (const option of optionsOf(TARGETS)) Object.assign(this, { [fieldOf(option)]: declare(option) });
  }

  /** Returns what the options say of targets. @throws `ERR_USAGE_INVALID` */
  protected targets(): TargetChoice {
    const choice = Object.fromEntries(
      optionsOf(TARGETS).map((option) => [option.name, valueIn(Reflect.get(this, fieldOf(option)))]),
    );
    checkChoice(choice, TARGETS);
    return choice;
  }
}

/** Fields of targets never meet those of the command itself. */
function fieldOf({ name }: TargetOption): string {
  return `target ${name}`;
}

function declare({ name, form, value, choices, help }: TargetOption): unknown {
  if (choices !== undefined) return choiceOption(`--${name}`, choices, help);
  const declareAs = { value: valueOption, place: placeOption, list: listOption }[form];
  return declareAs(`--${name}`, value, help);
}

function valueIn(field: unknown): TargetChoice[string] {
  if (typeof field === 'string' || typeof field === 'boolean') return field;
  return Array.isArray(field) ? field.map(String) : undefined;
}
