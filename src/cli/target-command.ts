import { checkChoice, optionsOf, type TargetChoice, type TargetOption } from '../targets/choice.ts';
import { TARGETS } from '../targets/targets.ts';
import { BaseCommand } from './base-command.ts';
import { choiceOption, flagOption, listOption, placeOption, valueOption } from './options/declare.ts';

/** Options of commands that work on targets: which targets, where they are, and how to fill them. */
export abstract class TargetCommand extends BaseCommand {
  constructor() {
    super();
    // The library finds a command's options among the fields of a new instance.
    for (const option of optionsOf(TARGETS)) Object.assign(this, { [fieldOf(option)]: declare(option) });
  }

  /** Returns the targets that the options describe. @throws `ERR_USAGE_INVALID` */
  protected targets(): TargetChoice {
    const choice = Object.fromEntries(
      optionsOf(TARGETS).map((option) => [option.name, valueIn(Reflect.get(this, fieldOf(option)))]),
    );
    checkChoice(choice, TARGETS);
    return choice;
  }
}

/** The prefix keeps target options from colliding with the fields of the command itself. */
function fieldOf({ name }: TargetOption): string {
  return `target ${name}`;
}

function declare({ name, form, value = '', choices, help }: TargetOption): unknown {
  if (form === 'flag') return flagOption(`--${name}`, help);
  if (choices !== undefined) return choiceOption(`--${name}`, choices, help);
  const declareAs = { value: valueOption, place: placeOption, list: listOption }[form];
  return declareAs(`--${name}`, value, help);
}

function valueIn(field: unknown): TargetChoice[string] {
  if (typeof field === 'string' || typeof field === 'boolean') return field;
  return Array.isArray(field) ? field.map(String) : undefined;
}
