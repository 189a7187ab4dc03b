import { expect } from 'vitest';
import { checkRegistries } from '../../src/spec/registries/check.ts';

/** Returns the findings on a text, each as `level line:column what | hint`. */
export function check(lines: readonly string[]): readonly string[] {
  return checkRegistries(`${lines.join('\n')}\n`, 'r.yaml').map(({ level, line, column, message, hint }) => {
    const place = `r.yaml:${line}:${column}: `;
    expect(message.startsWith(place)).toBe(true);
    const text = message.slice(place.length);
    return `${level} ${line}:${column} ${text}${hint === undefined ? '' : ` | ${hint}`}`;
  });
}

/** Returns the findings on mirrors of docker.io and the like, as a flow mapping. */
export function checkMirrors(mirrors: string, configs = ''): readonly string[] {
  return check([`mirrors: ${mirrors}`, ...(configs === '' ? [] : [`configs: ${configs}`])]);
}
