import { SsmError } from '../core/errors';
import { showName } from '../protocol/shown';
import type { OpenQuestion } from '../protocol/worker';
import { answerKeys } from '../worker/hyper';

/** Open questions as lines for a person: what is asked, what can be answered, and the exact flag. */
export function describeQuestions(questions: readonly OpenQuestion[]): string[] {
  return questions.flatMap((question) => [
    `${question.title} (${question.name})${concerned(question)}:`,
    ...question.remarks.map((remark) => `    ${showName(remark, 500)}`),
    ...question.options.map(
      ({ value, label, detail }) =>
        `    ${value}: ${label}` +
        (value === question.usual ? '; usual in the original code' : '') +
        (detail === undefined ? '' : `; hardly meant: ${showName(detail, 300)}`),
    ),
    ...numbers(question).map((line) => `    ${line}`),
    ...answerKeys(question).map((key) => `    answer with --set ${quoted(`${key}=VALUE`)}`),
  ]);
}

/** Throws `bad-request` where questions are open; what they are was said before. */
export function refuseOpen(questions: readonly OpenQuestion[]): void {
  if (questions.length === 0) return;
  const names = [...new Set(questions.map(({ name }) => name))].join(', ');
  throw new SsmError(
    'bad-request',
    `Neither the file nor a configuration beside it tells ${names}, and nothing is guessed. ` +
      'Answer with --set.',
  );
}

function concerned({ layers, everywhere }: OpenQuestion): string {
  const [first = ''] = layers;
  if (everywhere) return '';
  const others = layers.length - 1;
  return ` of layer ${showName(first, 80)}` + (others > 0 ? ` and ${others} more` : '');
}

function numbers({ options, positiveNumbers, usual }: OpenQuestion): string[] {
  if (options.length === 0) {
    return [`a whole number from 1 up${usual === undefined ? '' : `; usual: ${usual}`}`];
  }
  return positiveNumbers ? ['or a positive number'] : [];
}

/** As it has to be typed into a shell. */
function quoted(argument: string): string {
  const shown = showName(argument, 300);
  return /^[\w.=:-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
