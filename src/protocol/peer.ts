import type { Reason } from '../core/errors';
import type { Envelope, WireError } from './rpc';

/** A set of methods: name → what it takes and what it gives. */
export type Methods<T> = { readonly [K in keyof T]: { params: unknown; result: unknown } };

type Name<T> = Extract<keyof T, string>;

/** What a handler knows of the request it answers. */
export interface RequestContext<TEvents> {
  /** Aborted when the other side cancels the request or is gone. */
  readonly signal: AbortSignal;
  /** Tells the other side how far the request is. Dropped once the request is answered. */
  readonly emit: <E extends Name<TEvents>>(event: E, payload: TEvents[E]) => void;
}

/** How a side answers: one function a method. What it throws goes back as the error of that request. */
export type Handlers<TMethods extends Methods<TMethods>, TEvents> = {
  readonly [M in keyof TMethods]: (
    params: TMethods[M]['params'],
    context: RequestContext<TEvents>,
  ) => TMethods[M]['result'] | Promise<TMethods[M]['result']>;
};

export type Listeners<TEvents> = {
  readonly [E in keyof TEvents]?: (payload: TEvents[E]) => void;
};

export interface RequestOptions<TEvents> {
  /** Aborting sends a cancel; the request still ends by the other side's answer. */
  readonly signal?: AbortSignal;
  readonly onEvent?: Listeners<TEvents>;
}

type Check<T> = (value: unknown) => value is T;

/** Guards on what arrives. A part without a guard is passed on as it came. */
export interface Guards<TMethods extends Methods<TMethods>, TEvents> {
  readonly params?: { readonly [M in keyof TMethods]?: Check<TMethods[M]['params']> };
  readonly results?: { readonly [M in keyof TMethods]?: Check<TMethods[M]['result']> };
  readonly events?: { readonly [E in keyof TEvents]?: Check<TEvents[E]> };
}

export interface PeerOptions<TMethods extends Methods<TMethods>, TEvents> {
  /** Puts a message on the wire. If it throws, the request at hand fails with what it threw. */
  readonly send: (message: Envelope) => void;
  readonly handlers?: Handlers<TMethods, TEvents>;
  readonly guards?: Guards<TMethods, TEvents>;
  /** Makes the error that a failed request rejects with; by default an `Error` with the fields of the wire error. */
  readonly toError?: (error: WireError) => Error;
  /** Hears of every message that was ignored because it breaks the protocol. For the log. */
  readonly onProtocolError: (problem: string, message: unknown) => void;
  /** A side that may restart while the other lives on begins its ids where none of its earlier lives did. */
  readonly firstId?: number;
}

/** One end of a conversation. Both ends may ask and answer. */
export interface Peer<TMethods extends Methods<TMethods>, TEvents> {
  /** To be called with everything that arrives. Never throws. */
  receive(message: unknown): void;
  /** Asks the other side; settles exactly once: by its answer, by `close`, or by a failure to send. */
  request<M extends Name<TMethods>>(
    method: M,
    params: TMethods[M]['params'],
    options?: RequestOptions<TEvents>,
  ): Promise<TMethods[M]['result']>;
  /** The other side is gone: rejects all that is pending, aborts all handlers at work, refuses what comes after. */
  close(error: Error): void;
}

interface Pending {
  readonly method: string;
  readonly listeners: Readonly<Record<string, ((payload: unknown) => void) | undefined>>;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

type LooseHandler = (params: unknown, context: RequestContext<Record<string, unknown>>) => unknown;
type LooseGuards = Readonly<Record<string, ((value: unknown) => boolean) | undefined>>;

/**
 * Makes one end of a conversation over any transport that carries structured messages: a forked process, a thread, a
 * webview. Every request gets exactly one answer; whatever arrives is checked before it is believed.
 */
export function createPeer<TMethods extends Methods<TMethods>, TEvents = object>(
  options: PeerOptions<TMethods, TEvents>,
): Peer<TMethods, TEvents> {
  const { send, onProtocolError, toError = plainError } = options;
  const handlers = (options.handlers ?? {}) as Readonly<Record<string, LooseHandler | undefined>>;
  const guards = options.guards ?? {};
  const pending = new Map<number, Pending>();
  const running = new Map<number, AbortController>();
  let nextId = options.firstId ?? 1;
  let closedBy: Error | undefined;

  function settle(id: number): Pending | undefined {
    const request = pending.get(id);
    pending.delete(id);
    return request;
  }

  function receiveAnswer(message: Envelope & { type: 'result' | 'error' }): void {
    const request = settle(message.id);
    if (request === undefined) {
      onProtocolError('answer to a request that was not asked', message);
    } else if (message.type === 'error') {
      request.reject(toError(message.error));
    } else if (!passes(guards.results, request.method, message.result)) {
      onProtocolError(`unexpected result of ${request.method}`, message);
      request.reject(toError(internal(`The answer to ${request.method} is malformed.`)));
    } else {
      request.resolve(message.result);
    }
  }

  function receiveEvent(message: Envelope & { type: 'event' }): void {
    const listener = own(pending.get(message.id)?.listeners, message.event);
    if (listener === undefined) return; // late or not listened to: events may be dropped without harm
    if (passes(guards.events, message.event, message.payload)) listener(message.payload);
    else onProtocolError(`unexpected payload of ${message.event}`, message);
  }

  async function answer(message: Envelope & { type: 'request' }): Promise<void> {
    const { id, method, params } = message;
    const controller = new AbortController();
    running.set(id, controller);
    const atWork = (): boolean => running.get(id) === controller && closedBy === undefined;
    let reply: Envelope;
    try {
      const handler = own(handlers, method);
      if (handler === undefined) throw toError(badRequest(`Unknown method ${method}.`));
      if (!passes(guards.params, method, params)) {
        throw toError(badRequest(`The parameters of ${method} are malformed.`));
      }
      const emit = (event: string, payload: unknown): void => {
        if (atWork()) sendOrReport({ type: 'event', id, event, payload });
      };
      const result = await handler(params, { signal: controller.signal, emit });
      reply = { type: 'result', id, result };
    } catch (error) {
      reply = { type: 'error', id, error: toWire(error) };
    }
    if (!atWork()) return;
    running.delete(id);
    try {
      send(reply);
    } catch (error) {
      sendOrReport({ type: 'error', id, error: toWire(error) });
    }
  }

  function sendOrReport(message: Envelope): void {
    try {
      send(message);
    } catch (error) {
      onProtocolError(`could not be sent: ${String(error)}`, message);
    }
  }

  function dispatch(message: Envelope): void {
    switch (message.type) {
      case 'request':
        if (running.has(message.id)) onProtocolError('request with an id in use', message);
        else void answer(message);
        return;
      case 'cancel':
        running.get(message.id)?.abort();
        return;
      case 'event':
        receiveEvent(message);
        return;
      default:
        receiveAnswer(message);
    }
  }

  return {
    receive(message) {
      if (closedBy !== undefined) return;
      if (isEnvelope(message)) dispatch(message);
      else onProtocolError('not a message of this protocol', message);
    },

    request<M extends Name<TMethods>>(
      method: M,
      params: TMethods[M]['params'],
      { signal, onEvent = {} }: RequestOptions<TEvents> = {},
    ) {
      return new Promise<TMethods[M]['result']>((resolve, reject) => {
        if (closedBy !== undefined) {
          reject(closedBy);
          return;
        }
        if (signal?.aborted === true) {
          reject(toError(cancelled));
          return;
        }
        const id = nextId++;
        const cancel = (): void => {
          sendOrReport({ type: 'cancel', id });
        };
        const done = (): void => {
          signal?.removeEventListener('abort', cancel);
        };
        pending.set(id, {
          method,
          listeners: onEvent as Pending['listeners'],
          resolve: (result) => {
            done();
            resolve(result);
          },
          reject: (error) => {
            done();
            reject(error);
          },
        });
        signal?.addEventListener('abort', cancel);
        try {
          send({ type: 'request', id, method, params });
        } catch (error) {
          settle(id)?.reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    },

    close(error) {
      if (closedBy !== undefined) return;
      closedBy = error;
      for (const controller of running.values()) controller.abort();
      running.clear();
      for (const id of [...pending.keys()]) settle(id)?.reject(error);
    },
  };
}

const cancelled: WireError = { reason: 'cancelled', message: 'The operation was cancelled.' };

function internal(message: string): WireError {
  return { reason: 'internal', message };
}

function badRequest(message: string): WireError {
  return { reason: 'bad-request', message };
}

/** Own properties only: names come from the other side and must not reach `constructor` or `__proto__`. */
function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

function passes(guards: object | undefined, name: string, value: unknown): boolean {
  const guard = own(guards as LooseGuards | undefined, name);
  return guard === undefined || guard(value);
}

/**
 * An error as it travels. Whatever carries one of our reasons keeps it, whichever copy of the class made it; an abort
 * is `cancelled`; anything else is `internal`.
 */
export function toWire(error: unknown): WireError {
  if (!(error instanceof Error)) return internal(String(error));
  const { reason, file, place } = error as { reason?: unknown; file?: unknown; place?: unknown };
  return {
    reason: isReason(reason) ? reason : error.name === 'AbortError' ? 'cancelled' : 'internal',
    message: error.message,
    ...(typeof file === 'string' ? { file } : {}),
    ...(typeof place === 'string' ? { place } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
  };
}

function plainError({ message, ...fields }: WireError): Error {
  return Object.assign(new Error(message), fields);
}

const reasons: Readonly<Record<Reason, true>> = {
  'bad-request': true,
  'bad-file': true,
  'unsupported-file': true,
  'bad-parameters': true,
  unstable: true,
  'no-layers': true,
  'output-exists': true,
  'cannot-read': true,
  'cannot-write': true,
  'worker-lost': true,
  cancelled: true,
  internal: true,
};

function isReason(value: unknown): value is Reason {
  return typeof value === 'string' && Object.hasOwn(reasons, value);
}

/** Whether a value is a message of this protocol. */
export function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false;
  const message = value as Readonly<Record<string, unknown>>;
  if (!Number.isSafeInteger(message.id)) return false;
  switch (message.type) {
    case 'request':
      return typeof message.method === 'string';
    case 'event':
      return typeof message.event === 'string';
    case 'error':
      return isWireError(message.error);
    default:
      return message.type === 'result' || message.type === 'cancel';
  }
}

function isWireError(value: unknown): value is WireError {
  if (typeof value !== 'object' || value === null) return false;
  const error = value as Readonly<Record<string, unknown>>;
  const textOrNothing = (field: unknown): boolean =>
    field === undefined || typeof field === 'string';
  return (
    isReason(error.reason) &&
    typeof error.message === 'string' &&
    textOrNothing(error.file) &&
    textOrNothing(error.place) &&
    textOrNothing(error.stack)
  );
}
