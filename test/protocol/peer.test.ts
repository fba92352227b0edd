import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SsmError } from '../../src/core/errors';
import { createPeer, isEnvelope, toWire } from '../../src/protocol/peer';
import type { Guards, Handlers, Peer } from '../../src/protocol/peer';
import type { Envelope } from '../../src/protocol/rpc';

interface Calls {
  double: { params: { readonly x: number }; result: number };
  wait: { params: null; result: string };
  fail: { params: { readonly error: unknown }; result: never };
}
interface Events {
  progress: { readonly fraction: number };
}

interface Conversation {
  readonly client: Peer<Calls, Events>;
  readonly server: Peer<Calls, Events>;
  readonly problems: string[];
  readonly toServer: Envelope[];
  readonly toClient: Envelope[];
}

const defaultHandlers: Handlers<Calls, Events> = {
  double: ({ x }) => 2 * x,
  wait: (_, { signal }) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        resolve('stopped');
      });
    }),
  fail: ({ error }) => {
    throw error;
  },
};

/** Two peers joined by a wire that copies messages as an IPC channel does, one turn later. */
function converse(
  handlers: Partial<Handlers<Calls, Events>> = {},
  guards: { client?: Guards<Calls, Events>; server?: Guards<Calls, Events> } = {},
): Conversation {
  const problems: string[] = [];
  const toServer: Envelope[] = [];
  const toClient: Envelope[] = [];
  const onProtocolError = (problem: string): void => {
    problems.push(problem);
  };
  const carry = (log: Envelope[], target: () => Peer<Calls, Events>) => (message: Envelope) => {
    const copy = structuredClone(message);
    log.push(copy);
    queueMicrotask(() => {
      target().receive(copy);
    });
  };
  const client: Peer<Calls, Events> = createPeer<Calls, Events>({
    send: carry(toServer, () => server),
    onProtocolError,
    toError: ({ reason, message, file, place }) =>
      new SsmError(reason, message, {
        ...(file === undefined ? {} : { file }),
        ...(place === undefined ? {} : { place }),
      }),
    ...(guards.client ? { guards: guards.client } : {}),
  });
  const server: Peer<Calls, Events> = createPeer<Calls, Events>({
    send: carry(toClient, () => client),
    handlers: { ...defaultHandlers, ...handlers },
    onProtocolError,
    ...(guards.server ? { guards: guards.server } : {}),
  });
  return { client, server, problems, toServer, toClient };
}

const isObjectWithX = (value: unknown): value is { x: number } =>
  typeof value === 'object' && value !== null && typeof (value as { x?: unknown }).x === 'number';
const isNumber = (value: unknown): value is number => typeof value === 'number';

describe('requests', () => {
  it('are answered, each by its own answer, whatever the order', async () => {
    const gates: (() => void)[] = [];
    const { client } = converse({
      double: ({ x }) =>
        new Promise((resolve) => {
          gates.push(() => {
            resolve(2 * x);
          });
        }),
    });
    const answers = [1, 2, 3].map((x) => client.request('double', { x }));
    await new Promise(setImmediate);
    for (const open of gates.reverse()) open();
    expect(await Promise.all(answers)).toEqual([2, 4, 6]);
  });

  it('are rejected with the reason, the file and the place of what the handler threw', async () => {
    const { client } = converse({
      fail: () => {
        throw new SsmError('bad-file', 'The zip directory is cut off.', {
          file: 'a.pt',
          place: 'byte 712',
        });
      },
    });
    await expect(client.request('fail', { error: null })).rejects.toMatchObject({
      name: 'SsmError',
      reason: 'bad-file',
      file: 'a.pt',
      place: 'byte 712',
      message: 'The zip directory is cut off.',
    });
  });

  it.each([
    [new TypeError('x is undefined'), 'internal', 'x is undefined'],
    ['a string', 'internal', 'a string'],
    [undefined, 'internal', 'undefined'],
    [new DOMException('stop', 'AbortError'), 'cancelled', 'stop'],
  ])('turn the exception %s into an error reply', async (error, reason, message) => {
    const { client } = converse({
      fail: () => {
        throw error as Error;
      },
    });
    await expect(client.request('fail', { error: null })).rejects.toMatchObject({
      reason,
      message,
    });
  });

  it('for an unknown method are refused, also for names that every object has', async () => {
    const { client } = converse();
    for (const method of ['nothing', 'constructor', '__proto__', 'toString']) {
      await expect(client.request(method as 'double', { x: 1 })).rejects.toMatchObject({
        reason: 'bad-request',
      });
    }
  });

  it('with malformed parameters never reach the handler', async () => {
    let reached = false;
    const { client } = converse(
      {
        double: () => {
          reached = true;
          return 0;
        },
      },
      { server: { params: { double: isObjectWithX } } },
    );
    await expect(client.request('double', {} as { x: number })).rejects.toMatchObject({
      reason: 'bad-request',
    });
    expect(reached).toBe(false);
  });

  it('with a malformed result are rejected', async () => {
    const { client, problems } = converse(
      { double: () => 'four' as unknown as number },
      { client: { results: { double: isNumber } } },
    );
    await expect(client.request('double', { x: 2 })).rejects.toMatchObject({ reason: 'internal' });
    expect(problems).toHaveLength(1);
  });

  it('whose result cannot be sent are answered with an error', async () => {
    const { client } = converse({
      double: () => (() => 1) as unknown as number, // a function cannot be cloned
    });
    await expect(client.request('double', { x: 2 })).rejects.toMatchObject({ reason: 'internal' });
  });

  it('that cannot be sent are rejected at once', async () => {
    const peer = createPeer<Calls>({
      send: () => {
        throw new Error('channel closed');
      },
      onProtocolError: () => undefined,
    });
    await expect(peer.request('double', { x: 1 })).rejects.toThrow('channel closed');
  });
});

describe('cancelling', () => {
  it('reaches the handler as an abort, and the request still ends by its answer', async () => {
    const { client } = converse();
    const controller = new AbortController();
    const answer = client.request('wait', null, { signal: controller.signal });
    await new Promise(setImmediate);
    controller.abort();
    expect(await answer).toBe('stopped');
  });

  it('before the request sends nothing', async () => {
    const { client, toServer } = converse();
    await expect(
      client.request('wait', null, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ reason: 'cancelled' });
    expect(toServer).toEqual([]);
  });

  it('after the answer sends nothing', async () => {
    const { client, toServer } = converse();
    const controller = new AbortController();
    await client.request('double', { x: 1 }, { signal: controller.signal });
    controller.abort();
    expect(toServer.map(({ type }) => type)).toEqual(['request']);
  });
});

describe('events', () => {
  it('reach the listener of their own request only', async () => {
    const { client } = converse({
      double: ({ x }, { emit }) => {
        emit('progress', { fraction: x / 10 });
        return 2 * x;
      },
    });
    const heard: number[][] = [[], []];
    await Promise.all(
      heard.map((list, i) =>
        client.request(
          'double',
          { x: i },
          { onEvent: { progress: ({ fraction }) => list.push(fraction) } },
        ),
      ),
    );
    expect(heard).toEqual([[0], [0.1]]);
  });

  it('after the answer are not sent', async () => {
    let late: () => void = () => undefined;
    const { client, toClient } = converse({
      double: ({ x }, { emit }) => {
        late = () => {
          emit('progress', { fraction: 1 });
        };
        return x;
      },
    });
    await client.request('double', { x: 1 });
    late();
    expect(toClient.map(({ type }) => type)).toEqual(['result']);
  });

  it('with a malformed payload are dropped and logged', async () => {
    const heard: unknown[] = [];
    const { client, problems } = converse(
      {
        double: ({ x }, { emit }) => {
          emit('progress', 'half' as unknown as Events['progress']);
          return x;
        },
      },
      {
        client: {
          events: {
            progress: (value): value is Events['progress'] => typeof value === 'object',
          },
        },
      },
    );
    await client.request('double', { x: 1 }, { onEvent: { progress: (p) => heard.push(p) } });
    expect(heard).toEqual([]);
    expect(problems).toHaveLength(1);
  });
});

describe('closing', () => {
  it('rejects everything pending with the reason given, and everything after', async () => {
    const { client } = converse();
    const lost = new SsmError('worker-lost', 'The worker ended.');
    const answers = [client.request('wait', null), client.request('double', { x: 1 })];
    client.close(lost);
    for (const answer of answers) await expect(answer).rejects.toBe(lost);
    await expect(client.request('double', { x: 1 })).rejects.toBe(lost);
  });

  it('aborts the handlers at work, whose answers are then not sent', async () => {
    const { client, server, toClient } = converse();
    const answer = client.request('wait', null);
    answer.catch(() => undefined);
    await new Promise(setImmediate);
    server.close(new Error('gone'));
    await new Promise(setImmediate);
    expect(toClient).toEqual([]);
    client.close(new Error('gone'));
    await expect(answer).rejects.toThrow('gone');
  });
});

describe('what arrives', () => {
  it('is logged and ignored when it is not of this protocol', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (message) => {
        fc.pre(!isEnvelope(message));
        const sent: Envelope[] = [];
        const problems: string[] = [];
        const peer = createPeer<Calls>({
          send: (envelope) => sent.push(envelope),
          onProtocolError: (problem) => problems.push(problem),
        });
        peer.receive(message);
        expect(sent).toEqual([]);
        expect(problems).toHaveLength(1);
      }),
    );
  });

  it('is refused when it is half of a message', () => {
    for (const message of [
      { type: 'request', id: 1 },
      { type: 'request', id: 1.5, method: 'double' },
      { type: 'event', id: 1 },
      { type: 'error', id: 1, error: { reason: 'no such reason', message: '' } },
      { type: 'error', id: 1, error: { reason: 'internal', message: '', file: 3 } },
      { type: 'error', id: 1, error: { reason: 'toString', message: '' } },
      { type: 'other', id: 1 },
    ]) {
      expect(isEnvelope(message)).toBe(false);
    }
  });

  it('is logged when it answers nothing or repeats an id at work', async () => {
    const { client, server, problems } = converse();
    client.receive({ type: 'result', id: 99, result: 1 });
    server.receive({ type: 'request', id: 7, method: 'wait', params: null });
    server.receive({ type: 'request', id: 7, method: 'wait', params: null });
    await new Promise(setImmediate);
    expect(problems).toEqual([
      'answer to a request that was not asked',
      'request with an id in use',
    ]);
  });

  it('cannot answer a request twice', async () => {
    const { client, problems } = converse();
    expect(await client.request('double', { x: 1 })).toBe(2);
    client.receive({ type: 'result', id: 1, result: 3 });
    expect(problems).toHaveLength(1);
  });
});

describe('toWire', () => {
  it('keeps a reason of ours and makes any other internal', () => {
    expect(toWire(Object.assign(new Error('m'), { reason: 'unstable' })).reason).toBe('unstable');
    expect(toWire(Object.assign(new Error('m'), { reason: 'whatever' })).reason).toBe('internal');
  });
});
