/**
 * Returns a cache for one run: each question is asked once, and concurrent callers share the answer. Failures are cached too,
 * because the failed call has already retried as often as is reasonable.
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

/** Returns the same for answers that are kept elsewhere: one is forgotten as soon as it is there. */
export function shared<T>(): (question: string, ask: () => Promise<T>) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (question, ask) => {
    const known = answers.get(question);
    if (known !== undefined) return known;
    const answer = ask();
    answers.set(question, answer);
    void answer.then(
      () => answers.delete(question),
      () => undefined,
    );
    return answer;
  };
}
