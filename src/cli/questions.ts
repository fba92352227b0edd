import { SsmError } from '../core/errors';
import { answerKeys } from '../protocol/answers';
import { showName } from '../protocol/shown';
import type { OpenQuestion, QuestionOption } from '../protocol/worker';

/** Open questions as lines for a person: what is asked, what can be answered, and the exact flags. */
export function describeQuestions(questions: readonly OpenQuestion[]): string[] {
  if (questions.length === 0) return [];
  return [...questions.flatMap(describeQuestion), ...usualFlags(questions)];
}

function describeQuestion(question: OpenQuestion): string[] {
  return [
    `${question.title}${concerned(question)}:`,
    ...question.remarks.map((remark) => `    ${showName(remark, 500)}`),
    ...question.options.flatMap((option) =>
      answerKeys(question).map(
        (key) =>
          `    --set ${quoted(`${key}=${option.value}`)}  ${describeOption(option, question)}`,
      ),
    ),
    ...numbers(question).flatMap((what) =>
      answerKeys(question).map((key) => `    --set ${quoted(`${key}=NUMBER`)}  ${what}`),
    ),
  ];
}

function describeOption(
  { value, label, detail, implausible }: QuestionOption,
  { usual }: OpenQuestion,
): string {
  return [
    label,
    ...(detail === undefined ? [] : [`(${detail})`]),
    ...(value === usual ? ['[usual in the original code]'] : []),
    ...(implausible === undefined ? [] : [`[hardly meant: ${showName(implausible, 300)}]`]),
  ].join(' ');
}

/** All that the original code does if nobody sets it, as one line to copy, for the person who knows that nobody did. */
function usualFlags(questions: readonly OpenQuestion[]): string[] {
  const flags = questions.flatMap((question) =>
    question.usual === undefined
      ? []
      : answerKeys(question).map((key) => `--set ${quoted(`${key}=${question.usual}`)}`),
  );
  return questions.length > 1 && flags.length > 0
    ? [`If nothing of this was set when the model was built: ${flags.join(' ')}`]
    : [];
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
  if (options.length > 0) return positiveNumbers ? ['any positive number'] : [];
  return [`a whole number from 1 up${usual === undefined ? '' : `, usually ${usual}`}`];
}

/** As it has to be typed into a shell. */
function quoted(argument: string): string {
  const shown = showName(argument, 300);
  return /^[\w.=:-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
