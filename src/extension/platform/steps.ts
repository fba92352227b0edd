import * as vscode from 'vscode';

/** The person went a step back. */
export const back = Symbol('back');

/** What a step knows of its place in the flow. */
export interface StepPlace {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
  readonly canGoBack: boolean;
  /** Aborted when the question was answered elsewhere; it then goes, as if it had been left. */
  readonly answered?: AbortSignal;
}

/** Asks one question. Resolves to the answer, `back`, or undefined when the person left. */
export type Ask<T> = (place: StepPlace) => Promise<T | typeof back | undefined>;

export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
  /** Whether Enter takes this one; otherwise the first of all. */
  readonly preselected?: boolean;
}

export interface Separator {
  readonly label: string;
  readonly kind: vscode.QuickPickItemKind.Separator;
}

/**
 * One of several answers; one is preselected, so that Enter takes it.
 *
 * @param onActive hears which answer Enter would take, whenever that changes
 */
export function choose<T>(
  place: StepPlace,
  placeholder: string,
  items: readonly (Choice<T> | Separator)[],
  onActive?: (value: T | undefined) => void,
): ReturnType<Ask<T>> {
  const pick = vscode.window.createQuickPick<Choice<T> | Separator>();
  pick.placeholder = placeholder;
  pick.items = items;
  const preselected = items.filter((item) => 'value' in item && item.preselected === true);
  if (preselected.length > 0) pick.activeItems = preselected; // an empty list would leave Enter without effect
  pick.matchOnDescription = true;
  const valueOf = (item?: Choice<T> | Separator): T | undefined =>
    item !== undefined && 'value' in item ? item.value : undefined;
  if (onActive !== undefined) {
    pick.onDidChangeActive((active) => {
      onActive(valueOf(active.at(0)));
    });
  }
  return show(pick, place, () => valueOf(pick.selectedItems.at(0)));
}

/** Any number of several answers; those with `picked` are chosen at first. */
export function chooseMany<T>(
  place: StepPlace,
  placeholder: string,
  items: readonly Choice<T>[],
): ReturnType<Ask<T[]>> {
  const pick = vscode.window.createQuickPick<Choice<T>>();
  pick.canSelectMany = true;
  pick.placeholder = placeholder;
  pick.items = items;
  pick.selectedItems = items.filter(({ picked }) => picked === true);
  return show(pick, place, () => pick.selectedItems.map(({ value }) => value));
}

export interface TextQuestion {
  readonly prompt: string;
  readonly value: string;
  /** What is selected at first, as [start, end); everything if left out. */
  readonly selection?: readonly [number, number];
  /** The complaint about a text, or undefined if it will do. */
  readonly check: (text: string) => Promise<string | undefined> | string | undefined;
  /** A button in the title and what it makes of the text. */
  readonly button?: {
    readonly icon: vscode.QuickInputButton;
    readonly press: (text: string) => Promise<string | undefined>;
  };
}

/** A text that passes the check. */
export function askText(place: StepPlace, question: TextQuestion): ReturnType<Ask<string>> {
  const input = vscode.window.createInputBox();
  input.prompt = question.prompt;
  input.value = question.value;
  input.valueSelection = question.selection ?? [0, question.value.length];
  const validate = async (): Promise<boolean> => {
    const text = input.value;
    const complaint = await question.check(text);
    if (text !== input.value) return false; // typed on meanwhile; the newer text is checked on its own
    input.validationMessage = complaint;
    return complaint === undefined;
  };
  input.onDidChangeValue(() => void validate());
  const { button } = question;
  if (button !== undefined) {
    input.buttons = [button.icon];
    input.onDidTriggerButton(async (pressed) => {
      if (pressed !== button.icon) return;
      const text = await button.press(input.value);
      if (text === undefined) return;
      input.value = text;
      await validate();
    });
  }
  return show(input, place, async () => ((await validate()) ? input.value : undefined));
}

/** Shows a quick input until it is accepted with an answer, left, or gone back from. */
function show<T>(
  input: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox,
  { title, step, totalSteps, canGoBack, answered }: StepPlace,
  accept: () => Promise<T | undefined> | T | undefined,
): ReturnType<Ask<T>> {
  Object.assign(input, { title, step, totalSteps });
  input.ignoreFocusOut = true; // an editor that opens meanwhile must not undo the answers given so far
  if (canGoBack) input.buttons = [vscode.QuickInputButtons.Back, ...input.buttons];
  return new Promise((resolve) => {
    const end = (answer: T | typeof back | undefined): void => {
      resolve(answer);
      input.dispose();
    };
    input.onDidAccept(async () => {
      const answer = await accept();
      if (answer !== undefined) end(answer);
    });
    input.onDidTriggerButton((button) => {
      if (button === vscode.QuickInputButtons.Back) end(back);
    });
    input.onDidHide(() => {
      end(undefined);
    });
    answered?.addEventListener('abort', () => {
      end(undefined);
    });
    input.show();
  });
}

/** The questions by the names of their answers; one that is undefined for the answers before it is left out. */
export type Questions<TAnswers extends object> = {
  readonly [K in keyof TAnswers]-?: (
    answers: Partial<TAnswers>,
  ) => Ask<Exclude<TAnswers[K], undefined>> | undefined;
};

/**
 * Asks the questions one after another, going back where the person wants to. Each question may depend on the answers
 * before it. Resolves to all answers, or undefined when the person left.
 */
export async function askAll<TAnswers extends object>(
  title: string,
  questions: Questions<TAnswers>,
): Promise<TAnswers | undefined> {
  const names = Object.keys(questions) as (keyof TAnswers)[];
  const answers: Partial<TAnswers> = {};
  const asked: (keyof TAnswers)[] = [];
  for (let i = 0; i < names.length;) {
    const name = names[i];
    const ask = questions[name](answers);
    const later = names.slice(i + 1).filter((other) => questions[other](answers) !== undefined);
    const answer = await ask?.({
      title,
      step: asked.length + 1,
      totalSteps: asked.length + 1 + later.length,
      canGoBack: asked.length > 0,
    });
    if (ask === undefined) {
      i++;
    } else if (answer === undefined) {
      return undefined;
    } else if (answer === back) {
      i = names.indexOf(asked.pop() ?? name);
      for (const forgotten of names.slice(i)) Reflect.deleteProperty(answers, forgotten);
    } else {
      answers[name] = answer;
      asked.push(name);
      i++;
    }
  }
  return answers as TAnswers;
}
