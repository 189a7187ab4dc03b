/** Answers a question by what was answered before, or by asking it. */
type Asking<T> = (question: string, ask: () => Promise<T>) => Promise<T>;

/**
 * Returns a cache for one run: each question is asked once, and concurrent callers share the answer. Failures are cached too,
 * because the failed call has already retried as often as is reasonable.
 */
export function once<T>(): Asking<T> {
  return sharing(new Map());
}

/** Returns the same for answers that are kept elsewhere: one is forgotten as soon as it is there. */
export function shared<T>(): Asking<T> {
  const answers = new Map<string, Promise<T>>();
  return sharing(answers, (question, answer) => {
    void answer.then(
      () => answers.delete(question),
      () => undefined,
    );
  });
}

function sharing<T>(
  answers: Map<string, Promise<T>>,
  onAsked?: (question: string, answer: Promise<T>) => void,
): Asking<T> {
  return (question, ask) => {
    const known = answers.get(question);
    if (known !== undefined) return known;
    const answer = ask();
    answers.set(question, answer);
    onAsked?.(question, answer);
    return answer;
  };
}
