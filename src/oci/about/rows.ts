import type { About } from './about.ts';

/** Returns what is told about a bundle as rows for people: what, and the text. */
export function aboutRows(about: About): readonly (readonly [what: string, text: string])[] {
  const { title, description, version, licences, contact, url: address, labels = {} } = about;
  const rows = [
    ['title', title],
    ['description', description],
    ['version', version],
    ['licences', licences?.join(', ')],
    ['contact', contact],
    ['url', address],
    ...Object.entries(labels).map(([name, text]) => [`label ${name}`, text] as const),
  ] as const;
  return rows.flatMap(([what, text]) => (text === undefined ? [] : [[what, text] as const]));
}
