/**
 * Returns a memory for one run: each question is asked once, and whoever asks it meanwhile shares the answer. A failed
 * answer is remembered too, because whoever failed has already tried as often as is reasonable.
 */
export function once<T>(): (question: string, ask: () => Promise<T>) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (question, ask) => {
    const known = answers.get(question);
    if (known !== undefined) return known;
    const answer = ask();
    answers.set(question, answer);
    return answer;
  };
}
