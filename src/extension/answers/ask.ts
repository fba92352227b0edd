import * as path from 'node:path';
import * as vscode from 'vscode';
import type { HyperValues } from '../../families/hyperParameters';
import { answerKeys, parseNumber } from '../../protocol/answers';
import { showName } from '../../protocol/shown';
import type { CheckpointSummary, OpenQuestion, QuestionOption } from '../../protocol/worker';
import type { SsmContext } from '../context';
import { pickText } from '../platform/noticeText';
import { askAll, askText, back, choose } from '../platform/steps';
import type { Ask, Choice, StepPlace } from '../platform/steps';
import { settleFields } from './fields';
import { fieldsOf } from './inspect';

const { t } = vscode.l10n;

/**
 * Asks what neither the checkpoint nor a configuration beside it tells, until nothing is open, and remembers the
 * answers. Resolves to the summary with them, or undefined when the person left.
 */
export async function settleQuestions(
  context: SsmContext,
  summary: CheckpointSummary,
  signal: AbortSignal,
): Promise<CheckpointSummary | undefined> {
  const { worker, answers } = context;
  const { path: file } = summary;
  const named = await settleFields(context, summary, signal);
  if (named === undefined) return undefined;
  let settled = named;
  while (settled.questions.length > 0) {
    const given = await askQuestions(path.basename(file), settled.questions);
    if (given === undefined) return undefined;
    await answers.remember(file, named.fingerprint, given);
    const remembered = answers.recall(file, named.fingerprint);
    const request = { file, answers: { remembered }, ...fieldsOf(context, named) };
    settled = await worker.request('inspect', request, { signal });
  }
  return settled;
}

/** Asks the questions about the file of this name; undefined when the person left. */
export async function askQuestions(
  name: string,
  questions: readonly OpenQuestion[],
): Promise<HyperValues | undefined> {
  const answer = await askQuestionsUnless(name, questions, []);
  return answer === 'without' ? undefined : answer;
}

/** Asks the questions too, but they may stay open; Enter leaves them so, which guesses nothing. */
export function offerQuestions(
  name: string,
  questions: readonly OpenQuestion[],
  without: { readonly label: string; readonly detail: string },
): Promise<HyperValues | 'without' | undefined> {
  return askQuestionsUnless(name, questions, [{ ...without, value: 'without', preselected: true }]);
}

async function askQuestionsUnless(
  name: string,
  questions: readonly OpenQuestion[],
  others: readonly Choice<'without'>[],
): Promise<HyperValues | 'without' | undefined> {
  const title = t('What {0} Does Not Tell', pickText(name));
  const usual = questions.length > 1 ? usualAnswers(questions) : undefined;
  if (usual !== undefined || others.length > 0) {
    const place = { title, step: 1, totalSteps: 1, canGoBack: false };
    const question = t('How was the model built? Nothing is guessed.');
    const how = await choose<'each' | 'usual' | 'without'>(place, question, [
      { label: t('I Answer One by One…'), value: 'each' },
      ...(usual === undefined ? [] : [usualItem(usual)]),
      ...others,
    ]);
    if (how === undefined || how === back) return undefined;
    if (how !== 'each') return how === 'usual' ? usual : how;
  }
  const asks = Object.fromEntries(
    questions.map((question, i) => [String(i), () => askQuestion(question)]),
  );
  const given = await askAll<Record<string, string>>(title, asks);
  if (given === undefined) return undefined;
  return Object.fromEntries(
    questions.flatMap((question, i) => answerKeys(question).map((key) => [key, given[String(i)]])),
  );
}

function usualItem(usual: HyperValues): Choice<'usual'> {
  const values = Object.entries(usual).map(([key, value]) => `${key}=${value}`);
  return {
    label: t("With the Original Code's Own Defaults"),
    detail: pickText(values.join(', ')),
    value: 'usual',
  };
}

/** What the original code does if nobody sets anything; undefined where a question has no such answer. */
function usualAnswers(questions: readonly OpenQuestion[]): HyperValues | undefined {
  const answers = questions.flatMap(({ usual, ...question }) =>
    usual === undefined ? [] : answerKeys(question).map((key): [string, string] => [key, usual]),
  );
  const all = questions.every(({ usual }) => usual !== undefined);
  return all ? Object.fromEntries(answers) : undefined;
}

function askQuestion(question: OpenQuestion): Ask<string> {
  if (question.options.length === 0) return (place) => askNumber(question, place);
  return async (place) => {
    for (;;) {
      const items: Choice<string>[] = question.options.map((option) =>
        optionItem(option, question),
      );
      const other: Choice<string>[] = question.positiveNumbers
        ? [{ label: t('A Number…'), value: otherNumber }]
        : [];
      const answer = await choose(place, wording(question), [...items, ...other]);
      if (answer !== otherNumber) return answer;
      const typed = await askNumber(question, { ...place, canGoBack: true });
      if (typed !== back) return typed;
    }
  };
}

/** No option is spelled like this. */
const otherNumber = ' number';

function optionItem(option: QuestionOption, { usual }: OpenQuestion): Choice<string> {
  const { value, label, detail, implausible } = option;
  const details = [
    ...(detail === undefined ? [] : [detail]),
    ...(implausible === undefined ? [] : [t('Hardly meant: {0}', showName(implausible, 300))]),
  ];
  const description =
    value === usual ? t('{0}; usual in the original code', value) : value === label ? '' : value;
  return {
    label: pickText(label),
    description,
    ...(details.length === 0 ? {} : { detail: details.map((text) => pickText(text)).join(' ') }),
    value,
    preselected: value === usual && implausible === undefined,
  };
}

function wording({ title, layers, everywhere, remarks }: OpenQuestion): string {
  const first = pickText(layers.at(0) ?? '');
  const concerned = everywhere
    ? title
    : layers.length === 1
      ? t('{0} of layer {1}', title, first)
      : t('{0} of layer {1} and {2} more', title, first, layers.length - 1);
  return [concerned, ...remarks.map((remark) => showName(remark, 200))].join('. ');
}

function askNumber(question: OpenQuestion, place: StepPlace): ReturnType<Ask<string>> {
  const whole = question.options.length === 0;
  return askText(place, {
    prompt: wording(question),
    value: whole ? (question.usual ?? '') : '',
    check: (text) => {
      if (parseNumber(text, whole) !== undefined) return undefined;
      return whole ? t('A whole number of at least 1, please.') : t('A positive number, please.');
    },
  });
}
