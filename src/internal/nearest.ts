/** Returns the candidate closest to `word` by edit distance, or `undefined` when none is close enough to be a typo. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  return allNearest(word, candidates)[0];
}

/** Returns the candidates that are equally close to `word` and closer than all others; none when it is no typo of any. */
export function allNearest(word: string, candidates: Iterable<string>): readonly string[] {
  let best: string[] = [];
  let bestDistance = Math.max(2, Math.floor(word.length / 3));
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) best = [];
    if (distance > bestDistance) continue;
    best.push(candidate);
    bestDistance = distance;
  }
  return best;
}

/** Levenshtein distance, one row at a time. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 0; i < left.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < right.length; j++) {
      const replace = (row[j] ?? 0) + (left[i] === right[j] ? 0 : 1);
      next.push(Math.min(replace, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
